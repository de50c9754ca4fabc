package local_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/task"
)

// A loading is a journal that counts the entries that are loaded.
type loading struct {
	journal.Journal
	loads, entries atomic.Int64
}

// Load implements journal.Reader.
func (l *loading) Load(ctx context.Context, run string) (journal.Run, []journal.Entry, error) {
	return l.LoadAfter(ctx, run, 0)
}

// LoadAfter implements journal.Reader.
func (l *loading) LoadAfter(ctx context.Context, run string, known int) (journal.Run, []journal.Entry, error) {
	r, entries, err := l.Journal.LoadAfter(ctx, run, known)
	l.loads.Add(1)
	l.entries.Add(int64(len(entries)))
	return r, entries, err
}

const manyWaits = `
steps:
  - for_each: ${{ 1..50 }}
    as: item
    steps:
      - {task: stub.evident, with: {script: "again 10s, again 30s, ok"}}
`

const waitAndAct = `
steps:
  - {id: wait, task: stub.evident, with: {script: "again 20s, ok"}}
  - {id: act, task: remote.evident}
`

// A run with many short waits is read once, when a process takes it up, and never replayed.
func TestShortWaitsAreNotReplayed(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		counted := &loading{Journal: b.journal}
		b.journal = counted
		begun := time.Now()
		result, err := b.process("first").Start(t.Context(), b.order(manyWaits), engine.Following{})
		if err != nil || result.Status != engine.Succeeded || time.Since(begun) != 2000*time.Second || counted.loads.Load() != 0 {
			t.Errorf("the run %s after %s: %d loads, %v", result.Status, time.Since(begun), counted.loads.Load(), err)
		}
		o := b.order(manyWaits)
		o.Request, o.Run = "100-292", "testrun000000001"
		r := b.process("second")
		if _, err := r.Accept(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		if err := r.Work(t.Context(), true, nil); err != nil || counted.loads.Load() != 1 || counted.entries.Load() != 0 {
			t.Errorf("%d loads of %d entries, %v", counted.loads.Load(), counted.entries.Load(), err)
		}
	})
}

// start starts a run in its own goroutine and returns when the run waits.
func (b *bench) start(ctx context.Context, r *local.Runner, o engine.Order, f engine.Following) <-chan engine.View {
	ended := make(chan engine.View, 1)
	go func() {
		v, err := r.Start(ctx, o, f)
		if err != nil {
			b.t.Error(err)
		}
		ended <- v
	}()
	synctest.Wait()
	return ended
}

// Other processes see a run that waits in memory as waiting, with what it waits for and until when.
// When the time has come, it is at work.
func TestOthersSeeAShortWait(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		begun := time.Now()
		release := make(chan bool)
		b.answer = func(task.Call) error { <-release; return nil }
		ended := b.start(t.Context(), b.process("first"), b.order(waitAndAct), engine.Following{})
		reader := b.process("reader")
		v, err := reader.Read(t.Context(), "testrun000000000")
		if err != nil || v.Status != engine.Waiting || v.Process != "first" || !v.Due.Equal(begun.Add(20*time.Second)) ||
			len(v.Waits) != 1 || v.Waits[0].For != engine.WaitPoll || v.Waits[0].Step != "wait" || !v.Waits[0].Due.Equal(v.Due) {
			t.Errorf("the run is %s, held by %q, due %s, waits for %+v, %v", v.Status, v.Process, v.Due.Sub(begun), v.Waits, err)
		}
		listed := func(status engine.Status) int {
			found, err := reader.List(t.Context(), engine.Query{Status: status})
			if err != nil {
				t.Error(err)
			}
			return len(found)
		}
		if listed(engine.Waiting) != 1 || listed(engine.Running) != 0 {
			t.Error("the run is not listed as waiting")
		}
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if v, err = reader.Read(t.Context(), v.Run); err != nil || v.Status != engine.Running || len(v.Waits) != 0 || !v.Due.IsZero() {
			t.Errorf("the run is %s, due %s, waits for %+v, %v", v.Status, v.Due, v.Waits, err)
		}
		if listed(engine.Waiting) != 0 || listed(engine.Running) != 1 {
			t.Error("the run is not listed as running")
		}
		close(release)
		b.want(<-ended, nil, engine.Succeeded, "wait succeeded, act succeeded")
	})
}

// Whoever cancels a run that waits in memory does not wait for the end of the wait.
func TestAShortWaitIsCancelled(t *testing.T) {
	for _, c := range []struct{ name, source, steps string }{
		{"one step", waitAndAct, "wait cancelled"},
		{"branches", `
steps:
  - id: both
    parallel:
      one: [{id: left, task: stub.evident, with: {script: "again 20s, ok"}}]
      two: [{id: right, task: stub.evident, with: {script: "again 29s, ok"}}]
`, "both cancelled, left cancelled, right cancelled"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bench) {
				begun := time.Now()
				ended := b.start(t.Context(), b.process("first"), b.order(c.source), engine.Following{})
				time.Sleep(5 * time.Second)
				if err := b.process("second").Cancel(t.Context(), "testrun000000000", engine.Person{}); err != nil {
					t.Error(err)
				}
				b.want(<-ended, nil, engine.Cancelled, c.steps)
				if passed := time.Since(begun); passed > 6*time.Second {
					t.Errorf("it took %s", passed)
				}
			})
		})
	}
}

// A decision reaches a branch of a run that waits in memory.
func TestADecisionDuringAShortWait(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		begun := time.Now()
		var decided time.Time
		b.answer = func(task.Call) error { decided = time.Now(); return nil }
		ended := b.start(t.Context(), b.process("first"), b.order(`
steps:
  - id: both
    parallel:
      one: [{id: wait, task: stub.evident, with: {script: "again 20s, ok"}}]
      two: [{id: ok, approval: {ask: "May it?", by: [operators]}}, {id: act, task: remote.evident}]
`), engine.Following{})
		time.Sleep(5 * time.Second)
		kim := engine.Decision{Verdict: engine.VerdictApprove, By: engine.Person{Name: "Kim", Groups: []string{"operators"}}}
		if err := b.process("second").Decide(t.Context(), "testrun000000000", "ok", kim); err != nil {
			t.Error(err)
		}
		b.want(<-ended, nil, engine.Succeeded, "both succeeded, wait succeeded, ok succeeded, act succeeded")
		if after := decided.Sub(begun); after > 6*time.Second || time.Since(begun) != 20*time.Second {
			t.Errorf("it acts after %s and ends after %s", after, time.Since(begun))
		}
	})
}

// A process that ends gives up the runs that wait in memory, and another one goes on at the same
// point. After a crash that is noted.
func TestTheEndOfAProcessDuringAShortWait(t *testing.T) {
	for _, c := range []struct {
		name    string
		end     func(end context.CancelCauseFunc, r *local.Runner)
		resumed int
		resting bool // the run waits for a person who resumes it
	}{
		{"it is told to end", func(end context.CancelCauseFunc, _ *local.Runner) { end(nil) }, 0, false},
		{"a person stops it", func(end context.CancelCauseFunc, _ *local.Runner) { end(engine.ErrStop) }, 1, true},
		{"it crashes", func(_ context.CancelCauseFunc, r *local.Runner) { _ = r.Close() }, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bench) {
				begun := time.Now()
				ctx, end := context.WithCancelCause(t.Context())
				first := b.process("first")
				go func() { _, _ = first.Start(ctx, b.order(waitAndAct), engine.Following{}) }()
				time.Sleep(5 * time.Second)
				c.end(end, first)
				synctest.Wait()
				run, _, err := b.journal.Load(t.Context(), "testrun000000000")
				if _, alive := b.journal.Alive(run.Holder); alive || err != nil || run.Wake.IsZero() != c.resting {
					t.Errorf("the run is due %s, held by %q, %v", run.Wake.Sub(begun), run.Holder, err)
				}
				second := b.process("second")
				v, err := second.Follow(t.Context(), run.ID, engine.Following{})
				b.want(v, err, engine.Succeeded, "wait succeeded, act succeeded")
				end(nil)
				resumed := 0
				look, _ := b.process("judge").Look(t.Context(), run.ID)
				for _, e := range look.Events {
					if e.Kind == engine.EventRunResumed {
						resumed++
					}
				}
				if time.Since(begun) != 20*time.Second || len(b.calls) != 1 || resumed != c.resumed {
					t.Errorf("after %s: %d calls, %d times resumed", time.Since(begun), len(b.calls), resumed)
				}
			})
		})
	}
}

// workOnMany accepts n runs like o and lets a process work on them. It returns how many runs wait
// in memory when all of them wait, and a channel with the error of Work.
func (b *bench) workOnMany(r *local.Runner, o engine.Order, n int) (held int, done <-chan error) {
	b.t.Helper()
	o.Request = ""
	for i := range n {
		o.Run = fmt.Sprintf("testrun%09d", i)
		if _, err := r.Accept(b.t.Context(), o); err != nil {
			b.t.Fatal(err)
		}
	}
	ended := make(chan error)
	go func() { ended <- r.Work(b.t.Context(), true, nil) }()
	time.Sleep(10 * time.Second)
	synctest.Wait()
	runs, err := b.journal.List(b.t.Context(), journal.Query{})
	if err != nil || len(runs) != n {
		b.t.Fatalf("%d runs, want %d: %v", len(runs), n, err)
	}
	for _, run := range runs {
		if run.Holder != "" {
			held++
		}
		if len(run.Waits) != 1 || run.Waits[0].For != engine.WaitPoll {
			b.t.Fatalf("run %s waits for %+v", run.ID, run.Waits)
		}
	}
	return held, ended
}

// Runs that wait in memory do not keep others from being carried on, and there is a limit to them:
// beyond it a short wait is parked like a long one.
func TestShortWaitsHaveALimit(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		r := b.process("server")
		r.Limit = 2
		o := b.order(waitAndAct)
		begun := time.Now()
		held, done := b.workOnMany(r, o, 1200)
		if held != 1000 {
			t.Errorf("%d runs wait in memory", held)
		}
		if err := <-done; err != nil || len(b.calls) != 1200 || time.Since(begun) > 21*time.Second {
			t.Errorf("%d calls after %s, %v", len(b.calls), time.Since(begun), err)
		}
	})
}

// Runs that use much memory are parked.
func TestShortWaitsOfLargeRunsAreParked(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		r := b.process("server")
		o := b.order("inputs: {text: {type: string}}\n" + waitAndAct)
		o.Inputs = map[string]any{"text": strings.Repeat("x", 1<<20)}
		held, done := b.workOnMany(r, o, 100)
		if held < 32 || held > 63 {
			t.Errorf("%d runs of 1 MiB wait in memory", held)
		}
		if err := <-done; err != nil || len(b.calls) != 100 {
			t.Errorf("%d calls, %v", len(b.calls), err)
		}
	})
}

// When a fork ends beside a branch that waits, the run does not wait: the branch that forked goes
// on.
func TestAForkEndsBesideAShortWait(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		r := b.process("server")
		r.Limit = 1
		if _, err := r.Accept(t.Context(), b.order(`
steps:
  - id: outer
    parallel:
      left: [{id: wait, task: stub.evident, with: {script: "again 20s, ok"}}]
      right:
        - {id: inner, parallel: {one: [{id: look, task: remote.reads}], two: [{id: see, task: remote.reads}]}}
        - {id: act, task: remote.evident}
`)); err != nil {
			t.Fatal(err)
		}
		var acted time.Time
		b.answer = func(c task.Call) error {
			time.Sleep(time.Second)
			if c.Step == "act" {
				acted = time.Now()
			}
			return nil
		}
		begun := time.Now()
		if err := r.Work(t.Context(), true, nil); err != nil {
			t.Fatal(err)
		}
		b.want(b.view("testrun000000000"), nil, engine.Succeeded, "outer succeeded, wait succeeded, inner succeeded, look succeeded, see succeeded, act succeeded")
		if acted.Sub(begun) != 2*time.Second || time.Since(begun) > 21*time.Second {
			t.Errorf("it acts after %s and ends after %s", acted.Sub(begun), time.Since(begun))
		}
	})
}
