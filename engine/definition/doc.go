// Package definition reads workflow definitions. It turns YAML into a syntax tree that records the
// position of every part, and reports every problem of structure. It does not know the task types
// and does not compile expressions; the packages above it do.
//
// The language is described in definitions/README.md with examples, and a test runs each example. In
// short: a definition is a mapping with a name and a list of steps. A step has one form (task, parallel,
// for_each, switch, steps, workflow, approval or fail) with the keys that belong to it, and any of the
// keys that all steps can have. A text can contain expressions between ${{ and }}. The package reads YAML
// strictly: it refuses text that YAML readers understand differently, or that may surprise its author, and
// the problem says what to write instead.
//
// # Positions
//
// A [Text] knows the position of each of its characters in the source, for any style of YAML
// scalar. So a problem inside an expression has a position in the file ([Text.Span],
// [Expression.Span]).
//
// # Reading order
//
// ast.go (the tree), form.go (the table of forms), walk.go (all steps and their places) and rules.go (the
// names of the rules); parse.go (the file), names.go, inputs.go with type_word.go, steps.go (the keys of
// all steps) and one file for each form: task.go, parallel.go, for_each.go, switch.go, group.go,
// subworkflow.go, approval.go, fail.go, with handler.go (on_failure of a step) and undo.go; policy.go
// (timeouts and retries), condition.go, concurrency.go, allow.go (comments that silence warnings),
// template.go (expressions in texts), value.go (any value), expressions.go (all expressions), data.go
// (plain data to JSON) with positions.go and json.go (files of JSON), and detect.go (which files are
// definitions); intake.go (the rules by which tickets start workflows). Below them: reader.go and
// mapping.go (the strict reader of scalars, lists and mappings), plain.go (the kinds of unquoted scalars)
// and load.go (limits and the YAML tree), with syntax.go, slips.go (several slips), cause.go with
// cause_quotes.go, misquoted.go (quotes in quotes), flow_value.go (values in { } and [ ]) and
// wide_blank.go, and key_on_key_line.go for text that is not YAML. Keys of other tools: habits.go (the
// table), task_as_key.go and beside_call.go (parameters outside `with`). For positions: source.go (lines
// and columns), scalar.go and block.go (from a value to its source) and placement.go.
package definition
