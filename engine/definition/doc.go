// Package definition reads workflow definitions: YAML in, a syntax tree with the place of every part out, and with it every
// problem of structure. It knows no task types and compiles no expressions; that is for the packages above it.
//
// The language is described, example by example, in definitions/README.md, where each example is carried out by a test. In short: a
// definition is a mapping with a name and a list of steps; a step has one form (task, parallel, for_each, switch, workflow or approval)
// with what belongs to it, and whatever it needs of what every step may have; texts hold expressions between ${{ and }}. YAML is read
// strictly: where readers of it differ, or a writer may be surprised, the text is refused, and the problem says what to write instead.
//
// # Places
//
// A [Text] knows where each of its characters was written, in any style of YAML scalar, so that a problem within an expression is
// shown within the file ([Text.Span], [Expression.Span]).
//
// # Reading order
//
// ast.go (the tree), form.go (the table of forms), walk.go (all steps and where they are) and
// rules.go (the problems, by name); parse.go (the file), names.go, inputs.go, steps.go (what all
// steps have) and one file a form: task.go, parallel.go, for_each.go, switch.go, subworkflow.go,
// approval.go, with handler.go (on_failure of a step) and undo.go; policy.go (time-outs, retries,
// conditions), allow.go (comments that silence warnings), template.go (expressions in texts),
// value.go (any value), expressions.go (all expressions), data.go (plain data to JSON) with
// positions.go, and detect.go (which files are definitions). Below them reader.go and mapping.go
// (the strict reader of scalars, lists and mappings), plain.go (what an unquoted scalar is) and
// load.go (limits, one tree), with syntax.go and cause.go for text that is not YAML. For places:
// source.go (lines and columns), scalar.go and block.go (from a value to its source) and
// placement.go.
package definition
