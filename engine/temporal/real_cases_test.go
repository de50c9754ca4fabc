package temporal

import (
	"testing"

	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/task"
)

// workload are definitions whose steps act on a world, one of each kind of structure.
var workload = map[string]string{
	"sequence": `
steps:
  - {id: make, task: world.keyed, with: {text: one}}
  - {id: note, task: world.evident, with: {text: "${{ steps.make.value }}"}}
  - {id: state, task: world.converges, with: {text: ready}}
  - {id: once, task: world.once, with: {text: do}}
  - {id: check, task: world.reads}
outputs:
  all: "${{ steps.note.value }}, ${{ steps.state.value }}"
`,
	"branches": `
steps:
  - id: both
    parallel:
      left:
        - {id: left_note, task: world.evident}
        - {id: left_make, task: world.keyed}
      right:
        - {id: right_state, task: world.converges}
        - {id: right_note, task: world.evident}
      third:
        - {id: third_once, task: world.once}
  - {id: end, task: world.evident}
`,
	"items": `
steps:
  - id: each
    for_each: [a, b, c]
    as: item
    limit: 2
    steps:
      - {id: note, task: world.evident, with: {text: "${{ item }}"}}
      - {id: make, task: world.keyed, with: {text: "${{ item }}"}}
`,
	"undone": `
steps:
  - {id: one, task: world.keyed, undo: [{id: one_undo, task: world.evident}]}
  - {id: two, task: world.evident, undo: [{id: two_undo, task: world.converges}]}
  - {id: fails, task: world.keyed, with: {refuse: true}}
  - {id: never, task: world.evident}
`,
	"handled": `
steps:
  - {id: one, task: world.evident}
  - id: fails
    task: world.converges
    with: {refuse: true}
    on_failure:
      - {id: instead, task: world.evident}
  - {id: fails_again, task: world.keyed, with: {refuse: true}}
on_failure:
  - {id: tell, task: world.evident, with: {text: "${{ failure.message }}"}}
finally:
  - {id: last, task: world.keyed}
`,
	"retried": `
defaults:
  retry: {attempts: 8, backoff: 50ms..400ms}
steps:
  - {id: note, task: world.evident}
  - {id: make, task: world.keyed}
  - {id: wait, task: world.pause, with: {duration: 500ms}}
  - {id: state, task: world.converges}
  - {id: busy, task: busy.keyed}
`,
	"polled": `
steps:
  - {id: make, task: world.keyed}
  - id: poll
    task: world.reads
    until: result.number > 3
    every: 200ms
    for: 1m
  - {id: note, task: world.evident}
  - {id: wait, task: world.pause, with: {duration: 1s}}
  - {id: more, task: world.evident}
`,
}

// compileNamed compiles a definition of a workflow with a name.
func compileNamed(tb testing.TB, registry *task.Registry, name, source string) *program.Program {
	tb.Helper()
	p, problems := program.Load(name+".yaml", []byte("workflow: "+name+"\n"+source), registry)
	if diag.HasErrors(problems) {
		tb.Fatal(problems)
	}
	return p
}
