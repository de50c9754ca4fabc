package local_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/local"
	"errand/engine/program"
	"errand/engine/task"
)

const oneAct = "steps:\n  - {id: act, task: remote.evident}\n"

// accept puts runs of a workflow on record. Their ids are the workflow's name and a number.
func (b *bench) accept(r *local.Runner, workflow, source string, runs int) {
	b.t.Helper()
	p, problems := program.Load(workflow+".yaml", []byte("workflow: "+workflow+"\n"+source), b.registry())
	if diag.HasErrors(problems) {
		b.t.Fatal(problems)
	}
	for i := range runs {
		if _, err := r.Accept(b.t.Context(), engine.Order{Run: fmt.Sprintf("%s%03d", workflow, i), Inputs: map[string]any{}, Program: p}); err != nil {
			b.t.Fatal(err)
		}
	}
}

// called returns the runs of the calls, in the order of the calls.
func (b *bench) called() (runs []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.calls {
		runs = append(runs, c.Run)
	}
	return runs
}

// Workflows take turns, and the runs of one are taken up in their order.
func TestWorkflowsTakeTurns(t *testing.T) {
	for _, c := range []struct {
		name  string
		runs  []int // of the workflows a, b, c, …
		limit int
		want  string
	}{
		{"one workflow", []int{4}, 1, "a0 a1 a2 a3"},
		{"some have more", []int{7, 1, 3, 5}, 1, "a0 b0 c0 d0 a1 c1 d1 a2 c2 d2 a3 d3 a4 d4 a5 a6"},
		{"more than the journal is asked for at once", []int{45, 2}, 1, "a0 b0 a1 b1 a2 a3 a4 a5 a6 a7 a8 a9 a10 a11 a12 a13 a14 a15 a16 a17 a18 a19 a20 " +
			"a21 a22 a23 a24 a25 a26 a27 a28 a29 a30 a31 a32 a33 a34 a35 a36 a37 a38 a39 a40 a41 a42 a43 a44"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bench) {
				r := b.process("the worker")
				defer func() { _ = r.Close() }()
				r.Limit = c.limit
				for i, runs := range c.runs {
					b.accept(r, string(rune('a'+i)), oneAct, runs)
				}
				if err := r.Work(t.Context(), true, nil); err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, run := range b.called() {
					got = append(got, run[:1]+strings.TrimLeft(run[1:3], "0")+run[3:])
				}
				if order := strings.Join(got, " "); order != c.want {
					t.Errorf("the calls are %s\nwant          %s", order, c.want)
				}
			})
		})
	}
}

// A run that comes while many runs of another workflow are due is taken up as soon as a slot is
// free, also if all slots were taken for long, and also if there are more workflows than slots.
func TestAFloodKeepsNobodyWaiting(t *testing.T) {
	for _, c := range []struct {
		name      string
		workflows int           // of the flood
		took      time.Duration // by a call
		most      int           // how many calls of the flood may come before that of the other run
	}{
		{"long calls", 1, 10 * time.Minute, 5},
		{"short calls", 1, 10 * time.Millisecond, 5 * 50}, // as many as there are before the worker looks again
		{"many workflows", 40, 10 * time.Second, 40 + 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bench) {
				r := b.process("the worker")
				defer func() { _ = r.Close() }()
				r.Limit = 5
				for i := range c.workflows {
					b.accept(r, fmt.Sprintf("flood%d-", i), oneAct, 1000/c.workflows)
				}
				b.answer = func(task.Call) error { time.Sleep(c.took); return nil }
				ended := make(chan error)
				go func() { ended <- r.Work(t.Context(), true, nil) }()
				time.Sleep(c.took + c.took/2)
				before := len(b.called())
				b.accept(r, "other", oneAct, 1) // the last one in the order of the names
				if err := <-ended; err != nil {
					t.Fatal(err)
				}
				calls := b.called()
				at := slices.Index(calls, "other000") - before
				t.Logf("%d calls of the flood came before", at)
				if at < 0 || at > c.most || len(calls) != 1000/c.workflows*c.workflows+1 {
					t.Errorf("%d calls of the flood came before, want at most %d; %d calls", at, c.most, len(calls))
				}
			})
		})
	}
}

// The runs that other processes hold are skipped, however many they are, and taken up when their
// process is dead.
func TestHeldRunsAreSkipped(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		first, second := b.process("first"), b.process("second")
		defer func() { _ = second.Close() }()
		first.Limit, second.Limit = 200, 2
		block := make(chan bool)
		b.answer = func(c task.Call) error {
			if !c.Recover && strings.HasPrefix(c.Run, "held") {
				<-block
			}
			return nil
		}
		b.accept(first, "held", oneAct, 200)
		died := make(chan error)
		go func() { died <- first.Work(t.Context(), true, nil) }()
		synctest.Wait()
		b.accept(first, "late", oneAct, 3)
		b.accept(first, "other", oneAct, 3)
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- second.Work(ctx, false, nil) }()
		time.Sleep(time.Minute)
		if n := len(b.called()); n != 206 {
			t.Errorf("%d calls, want 200 of the first process and the 6 others", n)
		}
		if err := first.Close(); err != nil { // the operating system does the same for a process that dies
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if n, err := b.journal.Waiting(t.Context(), time.Now().Add(time.Hour)); n != 0 || err != nil {
			t.Errorf("%d runs are left, %v", n, err)
		}
		if held, err := b.journal.Held(t.Context(), time.Now().Add(time.Hour)); len(held) != 0 || err != nil {
			t.Errorf("%d runs are held, %v", len(held), err)
		}
		end()
		close(block)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := <-died; err != nil {
			t.Error(err)
		}
	})
}
