package temporal

import (
	"context"
	"errors"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/hosttest"
	"errand/engine/program"
	"errand/engine/task"

	"testing"
)

// A historyKind is a course of a run whose history in Temporal is kept in testdata/histories, in the
// file NAME.json. If the run has further workflows, their files are NAME-2.json and so on.
type historyKind struct {
	name    string
	files   int // how many the run has; 0 means one
	source  string
	answers map[string]engine.Verdict // by step: what a person decides

	cancel    bool   // a person cancels the run when it waits
	operator  bool   // of cancel: an operator cancels the workflow in Temporal
	retry     string // a person retries the run from this step
	reset     bool   // an operator resets the run when it has ended
	continues bool   // the run continues as new
	key       string // the concurrency key; the second file is that of its lock
}

// historyKinds has every form of a step, named form-NAME, and every course that the workflow itself
// tells apart.
var historyKinds = []historyKind{
	{name: "form-task", source: `
steps:
  - {id: pure, task: stub.pure}
  - {id: reads, task: stub.reads}
  - {id: keyed, task: stub.keyed, with: {text: "${{ steps.reads.word }}"}}
  - {id: converges, task: stub.converges, with: {script: "accepted 20ms, ok"}}
  - {id: evident, task: stub.evident}
  - {id: once, task: stub.once}
`},
	{name: "form-parallel", source: `
steps:
  - parallel:
      left:
        - {task: stub.keyed, with: {text: left}}
        - {task: stub.converges, with: {script: "accepted 30ms, ok"}}
      right:
        - {task: stub.evident, with: {text: right}}
        - {task: stub.reads}
  - {task: stub.once}
`},
	{name: "form-for_each", source: `
steps:
  - for_each: ["one", "two", "three", "four", "five"]
    as: item
    limit: 2
    steps:
      - {task: stub.keyed, with: {text: "${{ item }}"}}
      - {task: stub.reads, with: {script: "again 20ms, ok"}}
`},
	{name: "form-switch", source: `
steps:
  - {id: look, task: stub.reads, with: {script: ok two}}
  - switch:
      - {if: steps.look.word == "one", steps: [{task: stub.once}]}
      - {if: steps.look.word == "two", steps: [{task: stub.keyed}]}
    else: [{task: stub.evident}]
`},
	{name: "form-workflow", source: `
steps:
  - {id: call, workflow: called, with: {text: passed on}}
outputs: {word: "${{ steps.call.word }}"}
`},
	{name: "form-approval", answers: map[string]engine.Verdict{"ok": engine.VerdictApprove, "other": engine.VerdictReject}, source: `
steps:
  - {id: before, task: stub.keyed}
  - {id: ok, approval: {ask: May it be, by: [Kim]}}
  - {id: other, approval: {ask: And this, by: [Kim]}}
  - {id: late, approval: {ask: Or that, by: [Kim], within: 50ms, otherwise: approve}}
  - {id: after, if: steps.ok.approved && !steps.other.approved && steps.late.approved, task: stub.once}
`},
	{name: "form-steps", source: `
steps:
  - timeout: 1h
    steps:
      - {task: stub.keyed}
      - {task: stub.once, with: {script: refused}}
    on_failure: [{task: stub.evident}]
`},
	{name: "form-fail", source: `
steps:
  - {id: look, task: stub.reads}
  - {id: stop, if: steps.look.word == "", fail: It may not be}
on_failure: [{task: stub.evident}]
`},
	{name: "retry", source: `
steps:
  - {id: act, task: stub.keyed, retry: {attempts: 4, backoff: 20ms}, with: {script: "throttled, busy 30ms, lost, ok"}}
`},
	{name: "retry-exhausted", source: `
steps:
  - {id: act, task: stub.converges, retry: {attempts: 2, backoff: 20ms}, with: {script: throttled}, on_failure: continue}
`},
	{name: "poll", source: `
steps:
  - {id: look, task: stub.reads, until: result.calls == 40, every: 1ms, for: 1h}
  - {id: late, task: stub.reads, until: result.word == "never", every: 20ms, for: 50ms, on_failure: continue}
`},
	{name: "undo", source: `
steps:
  - {id: first, task: stub.keyed, undo: [{task: stub.converges, with: {text: first}}]}
  - {id: second, task: stub.evident, undo: [{task: stub.once}, {task: stub.converges, with: {text: second}}]}
  - {id: third, task: stub.once, with: {script: refused}}
`},
	{name: "finally", source: `
steps: [{id: act, task: stub.once, with: {script: refused}}]
on_failure: [{task: stub.evident}]
finally: [{task: stub.converges}]
`},
	{name: "evidence", source: `
steps:
  - {id: found, task: stub.evident, with: {script: lost found, delay: 50ms}}
  - {id: absent, task: stub.evident, retry: {attempts: 3, backoff: 10ms}, with: {script: "lost, ok", delay: 50ms}}
`},
	{name: "cancel", cancel: true, source: waitsTwice},
	{name: "cancel-by-operator", cancel: true, operator: true, source: waitsTwice},
	{name: "uncertain-done", answers: map[string]engine.Verdict{"act": engine.VerdictDone}, source: `
steps: [{id: act, task: stub.once, with: {script: lost}}, {task: stub.keyed}]
`},
	{name: "uncertain-retry", answers: map[string]engine.Verdict{"act": engine.VerdictRetry}, source: `
steps: [{id: act, task: stub.once, with: {script: "lost, ok"}}, {task: stub.keyed}]
`},
	{name: "uncertain-fail", answers: map[string]engine.Verdict{"act": engine.VerdictFail}, source: `
steps: [{id: act, task: stub.once, with: {script: lost}}, {task: stub.keyed}]
finally: [{task: stub.evident}]
`},
	{name: "trouble", source: `
steps: [{id: act, task: slow.troubled}, {task: stub.keyed}]
`},
	{name: "interrupted", source: `
steps: [{id: act, task: slow.converges}, {id: read, task: slow.reads}]
`},
	{name: "continued", continues: true, files: 2, answers: map[string]engine.Verdict{"ok": engine.VerdictApprove}, source: `
steps:
  - {id: before, task: stub.evident}
  - parallel:
      poll: [{task: stub.reads, until: result.calls == 12, every: 1ms, for: 1h}]
      ask:
        - {id: ok, approval: {ask: May it be, by: [Kim]}}
        - {task: stub.once}
      loop:
        - for_each: ${{ 1..6 }}
          as: item
          steps: [{task: stub.keyed, with: {text: "${{ string(item) }}"}}]
`},
	{name: "turn", files: 2, key: "one", source: `
concurrency: {key: one}
steps: [{task: stub.keyed}]
`},
	{name: "reset", files: 2, reset: true, source: `
steps:
  - {id: keyed, task: stub.keyed}
  - {id: evident, task: stub.evident, with: {delay: 20ms}}
  - {id: read, task: stub.reads}
`},
	{name: "retried", files: 2, retry: "act", source: `
steps:
  - {id: before, task: stub.keyed}
  - parallel:
      one: [{task: stub.evident}]
      two: [{id: act, task: stub.once, with: {script: refused}}]
finally: [{task: stub.converges}]
`},
}

// waitsTwice is a definition whose run waits in two branches.
const waitsTwice = `
steps:
  - {id: act, task: stub.keyed, undo: [{task: stub.converges}]}
  - parallel:
      poll: [{task: stub.reads, until: result.word == "never", every: 1h, for: 2h}]
      ask: [{approval: {ask: May it be, by: [Kim]}}]
finally: [{task: stub.evident}]
`

// historyRegistry is the registry of the recorded runs.
func historyRegistry() *task.Registry {
	slow := task.Connector{Name: "slow", Title: "Slow", Description: "Takes longer than Temporal waits, the first time."}
	for _, effect := range []task.Effect{task.Reads, task.Converges} {
		calls := 0
		slow.Types = append(slow.Types, task.Define("slow."+string(effect), "Takes long, the first time.", effect,
			func(context.Context, task.Call, struct{}) (blobOut, error) {
				if calls++; calls == 1 {
					time.Sleep(3 * interruptedLimits.call)
				}
				return blobOut{}, nil
			}))
	}
	troubled := 0
	slow.Types = append(slow.Types, task.Define("slow.troubled", "Cannot be called, the first time.", task.Converges,
		func(context.Context, task.Call, struct{}) (blobOut, error) {
			if troubled++; troubled == 1 {
				return blobOut{}, &task.Failure{Code: task.CodeCredential, Message: "the key is lost", Local: true}
			}
			return blobOut{}, nil
		}))
	return task.NewRegistry(append(hosttest.Registry(func() {}).Connectors(), slow)...)
}

// interruptedLimits are those with which slow calls are interrupted.
var interruptedLimits = limits{call: time.Second, grace: time.Second, silence: 10 * time.Second, beat: time.Second, unheard: 5 * time.Second}

// calledSource is the workflow that recorded runs call.
const calledSource = `workflow: called
inputs: {text: {type: string}}
steps: [{id: act, task: stub.keyed, with: {text: "${{ inputs.text }}", script: ok done}}]
outputs: {word: "${{ steps.act.word }}"}
`

// program compiles the definition of the kind.
func (k historyKind) program(tb testing.TB, registry *task.Registry) *program.Program {
	tb.Helper()
	loader := program.Loader{Registry: registry, Find: func(name string) (string, []byte, error) {
		if name == "called" {
			return "called.yaml", []byte(calledSource), nil
		}
		return "", nil, errors.New("there is no such definition")
	}}
	p, problems := loader.Load("case.yaml", []byte("workflow: case"+k.source))
	if diag.HasErrors(problems) {
		tb.Fatalf("%s: %v", k.name, problems)
	}
	return p
}
