// Package lsp is a language server for definitions. It provides what an editor shows, proposes and
// changes while a person writes a definition. It has no rules of its own: every problem, type and
// name comes from the check.
//
// # Two views of a text
//
// An unfinished definition can seldom be parsed, so there are two views of it. The first is the
// check ([program.Loader], [definition.Parse]). It is used if the text can be parsed: for problems,
// and for what a name refers to. The second is an outline of the lines by their indentation. It
// always exists and says which key or value the cursor is in. The names that an expression may use
// need both views: the check runs on a copy of the text, in which the broken expression is replaced
// and lines that are not valid YAML are removed.
//
// # Reading order
//
// server.go (one connection, its methods and states), frames.go (where a message ends), message.go (the
// messages of the protocol that are used), workspace.go (the open documents), checks.go (the documents to
// check), diagnostics.go. document.go, uri.go and edits.go are about texts and places.
//
// outline.go with brackets.go, and cursor.go (a place in an outline); grammar.go (the keys and
// values that are valid at a place), callee.go (what a step calls), scope.go (the names that an
// expression may use), source.go (an unfinished expression).
//
// One file for each feature: hover.go with cursor_expression.go and markdown.go; completion.go with
// complete_key.go, complete_value.go, complete_case.go and complete_expression.go; declarations.go (the names in a
// definition) with definition.go and view.go, references.go and rename.go; symbols.go; actions.go;
// test_case.go (the parts of a test case), intake.go (intake files).
package lsp
