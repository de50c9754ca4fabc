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
//	defaults: {timeout: 10m, retry: {attempts: 3}}                # for every task that does not say otherwise
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
//	timeout: 90s                            # of all that the step does, the steps within it included
//	on_failure: continue                    # or a list of steps that stand in for this one
//	undo: […]                               # steps that take it back
//
// The forms are task, parallel, for_each, switch, workflow and approval. Those that hold lists of steps hold steps of any form, and
// all lists together are nested no deeper than the file may be. Every list has at least one step.
//
// # Tasks
//
// A task is called by its type, with parameters:
//
//	task: ec2.create_instance               # connector.operation
//	with: {ami_id: "${{ inputs.ami_id }}"}
//	retry: {attempts: 5, backoff: 2s..2m, for: 10m}               # how often, how long between, how long at all
//	credential: staging                     # instead of the definition's
//
// Each part of retry may be left out, and a back-off may be one duration. A task that is looked at again and again until something
// holds has a poll; until and every are needed:
//
//	task: ec2.get_instance_status
//	with: {instance_id: "${{ inputs.instance_id }}"}
//	until: result.instance_state == "running"
//	every: 15s
//	for: 10m                                # or a timeout, of the step or of what is around it
//
// retry, credential, until, every and for belong to tasks alone; with may stand beside a called workflow, too.
//
// # Steps side by side
//
// The branches of parallel have names ([a-z][a-z0-9_]*) and run at the same time. The step ends when all have; one that fails cancels the
// others:
//
//	parallel:
//	  web:
//	    - task: ec2.start_instance
//	      with: {instance_id: "${{ inputs.web }}"}
//	  database:
//	    - task: ec2.start_instance
//	      with: {instance_id: "${{ inputs.database }}"}
//
// # Steps for each item
//
// With for_each the steps run once for each item of a list: one expression and nothing else, or a list whose items may hold expressions.
// Within the steps, the name under as is the item:
//
//	for_each: ${{ inputs.instance_ids }}    # or [web, "${{ inputs.name }}"]
//	as: instance
//	limit: 5                                # so many at a time; one after the other where it is left out
//	steps:
//	  - task: ec2.stop_instance
//	    with: {instance_id: "${{ instance }}"}
//
// The item's name is [a-z][a-z0-9_]*, but none that expressions know already (inputs, request, run, steps, result, failure, a function or a
// word such as in), nor that of a for_each around this one.
//
// # One of several cases
//
// A switch runs the steps of the first case whose condition holds; where none does, those of else, which may be left out:
//
//	switch:
//	  - if: inputs.environment == "production"
//	    steps:
//	      - approval: {ask: "May it be stopped?", by: [operations]}
//	  - if: inputs.environment == "test"
//	    steps:
//	      - task: timer.delay
//	        with: {duration: 1m}
//	else:
//	  - task: timer.delay
//	    with: {duration: 10m}
//
// # Other workflows
//
// Another workflow is a step, by its name; with is what it is started with, and its outputs are the step's:
//
//	workflow: stop-instance
//	with: {instance_id: "${{ inputs.instance_id }}"}
//
// # Decisions
//
// An approval waits until a person has decided:
//
//	approval:
//	  ask: Delete ${{ inputs.instance_id }}?
//	  by: [operations, i.meier]             # roles or users: a list, even of one
//	  within: 24h                           # without a limit where it is left out
//	  otherwise: approve                    # what comes after that: reject (unless said), approve or fail
//	  allow_requester: true                 # whoever made the request may decide, too; false unless said
//
// ask and by are needed, and otherwise needs within.
//
// # Undo
//
// When the run fails, or is cancelled, the undo of each step that had succeeded is run, the last that was done first:
//
//	id: create
//	task: ec2.create_instance
//	with: {ami_id: "${{ inputs.ami_id }}"}
//	undo:
//	  - task: ec2.delete_instance
//	    with: {instance_id: "${{ steps.create.instance_id }}"}
//
// A step within an undo has none itself, and neither has one of the definition's on_failure or finally: nothing comes after these that
// could call for it.
//
// # Expressions
//
// Within a text, an expression stands between ${{ and }}; strings and braces within it are seen for what they are. A text that is
// one expression and nothing else keeps the type of its value. $${{ stands for the characters ${{ themselves. if and until hold an
// expression as it is, without ${{ }}. Expressions stand in the values of with, for_each, ask and outputs; names, titles, descriptions,
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
// ast.go (the tree) and rules.go (the problems, by name); parse.go (the file), names.go, inputs.go, steps.go (what all steps have) and one
// file a form: task.go, parallel.go, for_each.go, switch.go, call.go (another workflow), approval.go, with handler.go (on_failure of a step)
// and undo.go; policy.go (time-outs, retries, conditions), template.go (expressions in texts), value.go (any value), data.go (plain data to
// JSON). Below them walk.go and mapping.go (the strict reader of scalars, lists and mappings), plain.go (what an unquoted scalar is) and load.go (limits,
// one tree), with syntax.go and cause.go for text that is not YAML. For places: source.go (lines and columns), scalar.go and block.go
// (from a value to its source) and placement.go.
package definition
