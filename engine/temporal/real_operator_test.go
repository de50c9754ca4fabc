package temporal

import (
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/temporal/temporaltest"
)

// An operator terminates the workflow of a run in mid-call. Reading the run shows the trouble, and who
// follows it makes it go on from its record: the call without an answer is looked for.
func TestTerminatedInMidCall(t *testing.T) {
	temporaltest.Need(t)
	t.Parallel()
	b := newBench(t, temporaltest.Options{ShortestTimer: 250 * time.Millisecond})
	b.world.calm, b.people.retry = true, true
	b.worker("one", nil)
	runs := map[string]string{}
	for _, of := range []string{"keyed", "evident", "converges", "once"} {
		runs[of] = b.start("terminated", `
steps:
  - {id: once, task: world.once}
  - {id: act, task: world.`+of+`, with: {during: hold}}
  - {id: end, task: world.once}
`)
	}
	b.world.awaitAt("hold", len(runs))
	for of, run := range runs {
		f, err := b.runner.describe(t.Context(), run)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.runner.Client.TerminateWorkflow(t.Context(), f.id, "", "the test"); err != nil {
			t.Fatal(err)
		}
		v, err := b.runner.Read(t.Context(), run)
		if err != nil || v.Status != engine.Waiting || len(v.Waits) != 1 || v.Waits[0].For != engine.WaitTrouble || !strings.Contains(v.Waits[0].Reason, "Terminated") || len(v.Steps) != 2 {
			t.Errorf("the run of %s is %s, waits for %v, has the steps %v; %v", of, v.Status, v.Waits, v.Steps, err)
		}
		_, err = b.runner.Follow(t.Context(), run, engine.Following{Watch: func(engine.Event) {}})
		if err != nil {
			t.Error(err)
		}
	}
	b.world.open("hold")
	defer b.people.work()()
	for of, run := range runs {
		b.succeeds(run)
		if got := b.interrupted(run); !slices.Equal(got, []string{"act"}) {
			t.Errorf("the run of %s was interrupted at %q", of, got)
		}
	}
	var ids []string
	for _, run := range runs {
		ids = append(ids, run)
	}
	slices.Sort(ids)
	slices.Reverse(ids)
	b.listed(engine.Query{}, ids...)
}

// An operator cancels the workflow of a run with Temporal's own means: no call is interrupted, and the
// run ends like one that was cancelled, after its undo and its finally.
func TestCancelledInTemporal(t *testing.T) {
	temporaltest.Need(t)
	t.Parallel()
	b := newBench(t, temporaltest.Options{ShortestTimer: 250 * time.Millisecond})
	b.world.calm = true
	b.worker("one", nil)
	run := b.start("cancelled", `
steps:
  - {id: make, task: world.keyed, undo: [{id: remove, task: world.evident}]}
  - {id: act, task: world.once, with: {during: hold}}
  - {id: never, task: world.once}
finally:
  - {id: last, task: world.evident}
`)
	b.world.awaitAt("hold", 1)
	f, err := b.runner.describe(t.Context(), run)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.runner.Client.CancelWorkflow(t.Context(), f.id, ""); err != nil {
		t.Fatal(err)
	}
	b.world.open("hold")
	v := b.await(run, nil)
	b.world.judge(v, nil)
	b.wrong()
	did := []bool{b.world.did(run, "act"), b.world.did(run, "remove"), b.world.did(run, "never"), b.world.did(run, "last")}
	if v.Status != engine.Cancelled || v.CancelledBy.Name != "" || !slices.Equal(did, []bool{true, true, false, true}) {
		t.Errorf("the run %s by %q; the effects are %v: %+v", v.Status, v.CancelledBy.Name, did, v.Steps)
	}
}
