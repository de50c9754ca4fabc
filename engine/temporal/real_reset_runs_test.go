package temporal

import (
	"slices"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/temporal/temporaltest"
)

// The steps of a run that is reset, before and after a gate. A poll makes its history long.
const resetSteps = `
steps:
  - {id: make, task: world.keyed}
  - {id: note, task: world.evident}
  - {id: state, task: world.converges}
  - {id: once, task: world.once}
  - {id: poll, task: world.reads, until: result.number > 10, every: 20ms, for: 1m}
  - {id: act, task: world.evident, with: {during: hold}}
  - {id: end, task: world.once}
`

// interrupted returns the steps of a run of which an event says that they were interrupted.
func (b *bench) interrupted(run string) (steps []string) {
	b.Helper()
	events, err := b.runner.Events(b.Context(), run, engine.EventID{})
	if err != nil {
		b.Fatal(err)
	}
	for _, e := range events {
		if e.Kind == engine.EventStepInterrupted || e.Kind == engine.EventStepUncertain {
			steps = append(steps, e.Step)
		}
	}
	return steps
}

// An operator resets a run in mid-call, and again. What the run forgets is looked for, sent again with
// its key, or asked of a person.
func TestResetInMidCall(t *testing.T) {
	temporaltest.Need(t)
	t.Parallel()
	for name, events := range map[string]int{"": 0, " of a run that continued as new": 30} {
		t.Run("reset"+name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, temporaltest.Options{ShortestTimer: 250 * time.Millisecond, SuggestContinueAsNewAfter: events})
			b.world.calm, b.people.retry = true, true
			b.worker("one", nil)
			defer b.people.work()()
			first := b.start("first", resetSteps)
			b.world.awaitAt("hold", 1)
			executions := b.executions(first)
			if len(executions) > 1 != (events > 0) {
				t.Fatalf("the run has %d executions", len(executions))
			}
			b.reset(first, executions[0])
			b.await(first, func(v engine.View) bool { return len(v.Steps) >= 4 && v.Steps[3].Status == engine.StepSucceeded })
			b.reset(first, "")
			b.world.open("hold")
			b.succeeds(first)
			if got := b.interrupted(first); len(got) < 2 {
				t.Errorf("only the steps %q were interrupted", got)
			}
		})
	}
}

// What a reset made a run forget stays unknown if the run continues as new, or is retried, before it
// comes to the step again.
func TestResetBeforeContinuingAsNew(t *testing.T) {
	temporaltest.Need(t)
	t.Parallel()
	b := newBench(t, temporaltest.Options{ShortestTimer: 250 * time.Millisecond, SuggestContinueAsNewAfter: 40})
	b.world.calm, b.people.retry = true, true
	b.worker("one", nil)
	defer b.people.work()()
	run := b.start("poll", `
steps:
  - {id: poll, task: world.reads, until: result.number > 12, every: 20ms, for: 1m}
  - {id: wait, task: world.pause, with: {duration: 1s}}
  - {id: once, task: world.once}
  - {id: note, task: world.evident}
  - {id: act, task: world.keyed, with: {during: hold}}
`)
	b.world.awaitAt("hold", 1)
	executions := b.executions(run)
	b.world.forget(run, "poll")
	b.reset(run, executions[0])
	b.world.open("hold")
	b.succeeds(run)
	if after := b.executions(run); len(after) < 2 {
		t.Errorf("the run has %d executions after the reset", len(after))
	}
	if got := b.interrupted(run); !slices.Contains(got, "once") || !slices.Contains(got, "note") {
		t.Errorf("only the steps %q were interrupted", got)
	}
}

// An operator resets a run that has ended: it runs again from there, and has the same result. There is
// still one run of the request, in lists too.
func TestResetAfterTheEnd(t *testing.T) {
	temporaltest.Need(t)
	t.Parallel()
	b := newBench(t, temporaltest.Options{ShortestTimer: 250 * time.Millisecond})
	b.world.calm, b.people.retry = true, true
	b.worker("one", nil)
	defer b.people.work()()
	run := b.start("ended", workload["sequence"])
	before := b.succeeds(run)
	b.reset(run, "")
	b.world.awaitLooks(run, "note", 1)
	b.listed(engine.Query{Request: "SR-" + run}, run)
	b.listed(engine.Query{Open: true}, run)
	b.listed(engine.Query{Status: engine.Succeeded})
	after := b.succeeds(run)
	if before.Outputs["all"] != after.Outputs["all"] {
		t.Errorf("the outputs were %v, and are %v", before.Outputs, after.Outputs)
	}
	receipt, err := b.runner.Accept(t.Context(), engine.Order{
		Run: "0000000000009999", Request: "SR-" + run, Inputs: map[string]any{}, Program: compileNamed(t, b.runner.Registry, "ended", workload["sequence"]),
	})
	if err != nil || receipt.Run != run || !receipt.Existed {
		t.Errorf("the request has the run %+v, %v", receipt, err)
	}
	b.listed(engine.Query{Request: "SR-" + run}, run)
	b.listed(engine.Query{Status: engine.Succeeded}, run)
}

// A run that is reset may come to another end. Then its result does not name what it did before in steps that
// it does not reach again.
func TestResetRunThatFailsEarlier(t *testing.T) {
	temporaltest.Need(t)
	t.Parallel()
	b := newBench(t, temporaltest.Options{ShortestTimer: 250 * time.Millisecond})
	b.world.calm = true
	b.worker("one", nil)
	run := b.start("earlier", "steps:\n  - {id: once, task: world.once}\n  - {id: make, task: world.keyed}\n  - {id: ask, approval: {ask: \"Go on?\", by: [Kim]}}\n")
	b.await(run, func(v engine.View) bool { return len(v.Questions) == 1 })
	b.reset(run, "")
	b.await(run, func(v engine.View) bool { return v.Status == engine.Uncertain && len(v.Questions) == 1 })
	if err := b.runner.Decide(t.Context(), run, "once", engine.Decision{Verdict: engine.VerdictFail, By: engine.Person{Name: "Kim"}}); err != nil {
		t.Fatal(err)
	}
	v, err := b.runner.Follow(t.Context(), run, engine.Following{})
	if err != nil || v.Status != engine.Failed || len(v.Steps) != 1 {
		t.Fatalf("the run is %+v, %v", v, err)
	}
	if !b.world.did(run, "make") {
		t.Error("step make has no effect, so nothing was forgotten")
	}
}
