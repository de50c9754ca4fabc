package temporal

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/temporal/temporaltest"
)

// simple is a definition whose run asks a person.
const simple = `
steps:
  - {id: make, task: world.keyed}
  - {id: ask, approval: {ask: "Go on?", by: [Kim]}}
  - {id: once, task: world.once}
`

// Without a worker everything that needs one says so, and does nothing. A run that no worker has taken up can
// be read. A worker that comes later carries the run out.
func TestNoWorker(t *testing.T) {
	temporaltest.Need(t)
	t.Parallel()
	b := newBench(t, temporaltest.Options{ShortestTimer: 250 * time.Millisecond})
	b.world.calm = true
	run, other := b.start("absent", simple), b.start("absent", simple)
	approve := engine.Decision{Verdict: engine.VerdictApprove, By: engine.Person{Name: "Kim"}}
	following := engine.Following{Watch: func(engine.Event) {}}
	var wait sync.WaitGroup
	for what, do := range map[string]func(context.Context) error{
		"start": func(ctx context.Context) error {
			_, err := b.runner.Start(ctx, engine.Order{Run: "1000000000000000", Request: "SR-" + run, Inputs: map[string]any{}, Program: compileNamed(t, b.runner.Registry, "absent", simple)}, following)
			return err
		},
		"follow": func(ctx context.Context) error {
			_, err := b.runner.Follow(ctx, run, following)
			return err
		},
		"cancel": func(ctx context.Context) error { return b.runner.Cancel(ctx, other, engine.Person{Name: "Kim"}) },
		"follow without a watch": func(ctx context.Context) error {
			_, err := b.runner.Follow(ctx, run, engine.Following{})
			return err
		},
	} {
		wait.Go(func() {
			err := do(t.Context())
			trouble, ok := errors.AsType[*engine.Trouble](err)
			if !ok || trouble.Code != engine.TroubleUnreachable || !strings.Contains(trouble.Hint, "errand-worker worker") || !strings.Contains(err.Error(), "no worker has answered for run ") {
				t.Errorf("%s: %v, %+v", what, err, trouble)
			}
		})
	}
	wait.Wait()
	if v, err := b.runner.Read(t.Context(), run); err != nil || v.Trouble != nil || v.Workflow != "absent" || v.Status != engine.Waiting || len(v.Waits) != 1 || v.Waits[0].For != engine.WaitProcess {
		t.Errorf("the run is %+v, %v", v, err)
	}
	if events, err := b.runner.Events(t.Context(), run, engine.EventID{}); err != nil || len(events) != 2 {
		t.Errorf("the run has the events %v, %v", events, err)
	}
	err := b.runner.Decide(t.Context(), run, "ask", approve)
	if refused, ok := errors.AsType[*engine.Refusal](err); !ok || refused.Code != engine.RefusedNothing {
		t.Errorf("a decision is refused with %v", err)
	}
	refused, ok := errors.AsType[*engine.Refusal](b.runner.Retry(t.Context(), run, engine.Retry{}))
	if !ok || refused.Code != engine.RefusedNotEnded {
		t.Errorf("a retry is refused with %+v", refused)
	}
	b.listed(engine.Query{Open: true, WaitsFor: engine.WaitProcess}, other, run)
	b.worker("one", nil)
	b.await(run, func(v engine.View) bool { return len(v.Questions) == 1 })
	if err := b.runner.Decide(t.Context(), run, "ask", approve); err != nil {
		t.Fatal(err)
	}
	b.succeeds(run)
}

// A worker that cannot carry out a run, because it lacks a task type or the key of the installation,
// leaves it to another one, and goes on with other runs.
func TestWrongWorker(t *testing.T) {
	temporaltest.Need(t)
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*role)
		others bool // the worker carries out other runs
		says   string
	}{
		"without a task type": {change: func(as *role) { as.Without = "world.once" }, others: true, says: `no operation "once"`},
		"with another key": {change: func(as *role) {
			store := keyedStore(t)
			as.Home, as.Key = store.Home, keyFile(t, store)
		}, says: "key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, temporaltest.Options{ShortestTimer: 250 * time.Millisecond})
			b.world.calm = true
			wrong := b.worker("wrong", c.change)
			run := b.start("once", "steps: [{id: once, task: world.once}]")
			if c.others {
				b.succeeds(b.start("keyed", "steps: [{id: make, task: world.keyed}]"))
			}
			v := b.await(run, func(v engine.View) bool { return v.Trouble != nil && strings.Contains(v.Trouble.Error(), c.says) })
			t.Logf("%s, waits for %v: %v", v.Status, v.Waits, v.Trouble)
			wrong.stop()
			b.worker("right", nil)
			b.succeeds(run)
			if b.interrupted(run) != nil {
				t.Errorf("the steps %q were interrupted", b.interrupted(run))
			}
		})
	}
}

// A run whose record is damaged harms no other run, and reading it says what is wrong.
func TestDamagedRecord(t *testing.T) {
	temporaltest.Need(t)
	t.Parallel()
	b := newBench(t, temporaltest.Options{ShortestTimer: 250 * time.Millisecond})
	b.world.calm = true
	b.worker("one", nil)
	const run = "0000000000009999"
	damaged := newRecord(engine.Order{Run: run, Inputs: map[string]any{}, Program: compileNamed(t, b.runner.Registry, "damaged", simple)}, "")
	damaged.Run.Definition.Source = []byte("workflow: other")
	if err := b.runner.begin(t.Context(), "damaged", damaged, ""); err != nil {
		t.Fatal(err)
	}
	b.await(run, func(v engine.View) bool {
		return v.Trouble != nil && strings.Contains(v.Trouble.Error(), "run "+run+" cannot go on") && v.Workflow == "damaged"
	})
	b.succeeds(b.start("keyed", "steps: [{id: make, task: world.keyed}]"))
}
