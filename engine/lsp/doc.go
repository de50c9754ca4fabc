// Package lsp is a language server for definitions: what an editor shows, proposes and changes while one is written. It adds no rule of its
// own: every problem, type and name comes from the check.
//
// # What there is to read
//
// A definition that is being written can seldom be parsed. So there are two views of it. The check ([program.Loader], [definition.Parse])
// is asked where it can answer: for problems, for what a name refers to. An outline of the lines by their indentation always answers: it says
// which key or value the cursor is in. Where both are needed, for the names that an expression may use, the check is asked about a copy
// of the text in which the broken expression is replaced, and lines of which no YAML can be made are left out.
//
// # Reading order
//
// server.go (one connection, its methods and states), message.go (the protocol, as far as it is used), workspace.go (what is open),
// checks.go (what is to be checked again), diagnostics.go. document.go, uri.go and edits.go are about texts and places.
//
// outline.go with brackets.go, and cursor.go (a place in it); grammar.go (which keys and values may stand there), callee.go (what a step
// calls), scope.go (what an expression may name), source.go (one that is not finished).
//
// Then one file a feature: hover.go with cursor_expression.go and markdown.go; completion.go with
// complete_key.go, complete_value.go and complete_expression.go; declarations.go (what has a name)
// with definition.go, references.go and rename.go; symbols.go; actions.go.
package lsp
