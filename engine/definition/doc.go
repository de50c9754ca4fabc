// Package definition reads workflow definitions: YAML in, a syntax tree with the place of every part out, and with it every
// problem of structure. It knows no task types and compiles no expressions; that is for the packages above it.
//
// # The language
//
// A definition is one mapping. Two keys are needed, workflow and steps:
//
//	workflow: start-instance                # [a-z][a-z0-9-]*, and the stem of the file's name
//	title: Start an Amazon EC2 instance
//	description: Starts the instance that is named on the request.
//	inputs:                                 # what a run is started with, by name: [a-z][a-z0-9_]*
//	  instance_id:
//	    type: string                        # string integer number boolean duration list object
//	    description: Instance to start.
//	    pattern: ^i-[0-9a-f]{8}$            # of a string: a regular expression (RE2)
//	  size: {type: integer, minimum: 1, maximum: 8, default: 2}   # bounds of an integer or a number
//	  level: {type: string, enum: [low, high], required: false}   # the values allowed; may be left out, and then is null
//	  names: {type: list, items: {type: string}}                  # what the items of a list are
//	credentials: {ec2: production}          # connector: name of a stored credential
//	defaults: {timeout: 10m, retry: {attempts: 3}}                # for every step that does not say otherwise
//	timeout: 1h                             # of the whole run
//	steps: […]                              # one after the other
//	on_failure: […]                         # steps that run when a step failed
//	finally: […]                            # steps that run at the end in any case
//	outputs: {state: "${{ steps.start.current_instance_state }}"}
//
// An input is required unless it has a default or says required: false.
//
// # Steps
//
// A step is a mapping with one form, and whatever of the common keys it needs:
//
//	id: start                               # [a-z][a-z0-9_]*, unique in the file; others refer to steps.start
//	name: Start an Amazon instance          # for people
//	if: inputs.size > 1                     # the step is skipped where this is false
//	timeout: 90s
//	retry: {attempts: 5, backoff: 2s..2m, for: 10m}               # how often, how long between, how long at all
//	credential: staging                     # instead of the definition's
//	on_failure: continue                    # or a list of steps that stand in for this one
//
// The form of this version is task: the type of the task, its parameters, and for a task that is looked at again and again until
// something holds, the poll:
//
//	task: ec2.get_instance_status           # connector.operation
//	with: {instance_id: "${{ inputs.instance_id }}"}
//	until: result.instance_state == "running"
//	every: 15s
//	for: 10m
//
// The forms parallel, for_each, switch, workflow and approval are planned. They are recognised and refused.
//
// # Expressions
//
// Within a text, an expression stands between ${{ and }}; strings and braces within it are seen for what they are. A text that is
// one expression and nothing else keeps the type of its value. $${{ stands for the characters ${{ themselves. if and until hold an
// expression as it is, without ${{ }}. Expressions stand in the values of with and outputs; names, titles, descriptions,
// credentials, durations, defaults and enums, and all keys, are literal.
//
// A duration is a number with a unit, or several: 300ms, 90s, 2m, 1h30m. It is more than nothing.
//
// # YAML, strictly
//
// Where readers of YAML differ, or a writer may be surprised, the text is refused, and the problem says what to write instead:
//
//   - The file is UTF-8 with LF or CRLF, without control characters or marks that turn the direction of writing; a byte order
//     mark is fine. It is one document of at most 256 KiB, nested at most 32 deep, with at most 10,000 nodes as aliases repeat them.
//   - No key stands twice in a mapping, and none is unknown. There are no merge keys (<<), no tags (!x), no cyclic aliases. Anchors
//     and aliases of whole values are fine.
//   - Unquoted, null, true, false and numbers as JSON writes them are what they are. What another reader would take for one of
//     them is refused: yes, no, on, off, y, n, ~, True, 0123, 0o17, 0x1F, 1_000, +1, .5, 12:30, 2024-01-01, .inf. A number or a
//     boolean is no text: title: 1.10 is refused and title: "1.10" is not. Keys are text always.
//   - A key needs a value; null is written null.
//
// # Places
//
// A [Text] knows where each of its characters was written, in any style of YAML scalar, so that a problem within an expression is
// shown within the file ([Text.Span], [Expression.Span]).
//
// # Reading order
//
// ast.go (the tree) and rules.go (the problems, by name); parse.go (the file), inputs.go, steps.go, policy.go (time-outs, retries,
// conditions), template.go (expressions in texts), value.go (any value), data.go (plain data to JSON). Below them walk.go (the
// strict reader of mappings, lists and scalars), plain.go (what an unquoted scalar is) and load.go (limits, one tree), with
// syntax.go and cause.go for text that is not YAML. For places: source.go (lines and columns), scalar.go and block.go (from a
// value to its source) and placement.go.
package definition
