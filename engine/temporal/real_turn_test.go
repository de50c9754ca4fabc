package temporal

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/program"
	"errand/engine/temporal/temporaltest"
)

// asksInTurn is a workflow with one key. It waits for a person as long as it has the turn.
const asksInTurn = `
concurrency: {key: one}
steps:
  - {id: before, task: stub.keyed}
  - {id: agreed, approval: {ask: "Go on?", by: [managers]}}
`

// Of the runs with a key one works at a time, in the order of their arrival. A run that is cancelled in the
// queue ends without a turn, and the end of each run lets the next one begin.
func TestRunsWithAKeyTakeTurns(t *testing.T) {
	temporaltest.Need(t)
	t.Parallel()
	at := install(t, temporaltest.Options{ShortestTimer: 20 * time.Millisecond})
	registry := hosttest.Registry(func() {})
	q := &queueTest{T: t, r: at.runner(t, "turns", registry), p: compile(t, registry, asksInTurn)}
	work(t, q.r)

	first, second, third := q.start(1), q.start(2), q.start(3)
	q.until(first, engine.WaitPerson)
	for _, waiting := range []string{second, third} {
		if w := q.until(waiting, engine.WaitTurn); w.Run != first {
			t.Errorf("%s waits for the turn of %q, want %s", waiting, w.Run, first)
		}
	}
	if err := q.r.Cancel(t.Context(), third, engine.Person{Name: "kim"}); err != nil {
		t.Fatal(err)
	}
	q.ends(third, engine.Cancelled)
	q.approve(first)
	q.until(second, engine.WaitPerson)
	q.approve(second)

	last := q.start(4) // the queue was empty
	q.until(last, engine.WaitPerson)
	q.approve(last)
}

type queueTest struct {
	*testing.T
	r *Runner
	p *program.Program
}

// start puts run number i on record.
func (q *queueTest) start(i int) (run string) {
	q.Helper()
	receipt, err := q.r.Accept(q.Context(), engine.Order{Run: fmt.Sprintf("run%013d", i), Request: fmt.Sprint("100-", i), Inputs: map[string]any{}, Program: q.p})
	if err != nil {
		q.Fatal(err)
	}
	return receipt.Run
}

// until reads a run until it waits for something, and returns that wait.
func (q *queueTest) until(run string, what engine.WaitFor) engine.Wait {
	q.Helper()
	for {
		v, err := q.r.Read(q.Context(), run)
		if err != nil || !v.Ended.IsZero() {
			q.Fatalf("%s is %s: %v", run, v.Status, err)
		}
		if i := slices.IndexFunc(v.Waits, func(w engine.Wait) bool { return w.For == what }); i >= 0 {
			return v.Waits[i]
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// approve lets a run go on, which then succeeds.
func (q *queueTest) approve(run string) {
	q.Helper()
	by := engine.Person{Name: "kim", Groups: []string{"managers"}}
	if err := q.r.Decide(q.Context(), run, "agreed", engine.Decision{Verdict: engine.VerdictApprove, By: by}); err != nil {
		q.Fatal(err)
	}
	q.ends(run, engine.Succeeded)
}

// ends waits for the end of a run.
func (q *queueTest) ends(run string, status engine.Status) {
	q.Helper()
	v, err := q.r.Follow(q.Context(), run, engine.Following{})
	if err != nil || v.Status != status {
		q.Errorf("%s is %s, want %s: %v", run, v.Status, status, err)
	}
}
