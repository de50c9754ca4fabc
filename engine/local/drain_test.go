package local_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
	"errand/engine/task"
)

// A bell is a journal that calls a function during one of its commits.
type bell struct {
	journal.Journal
	left atomic.Int64 // how many commits there are until then
	ring func()
}

// Commit implements journal.Writer.
func (b *bell) Commit(ctx context.Context, c journal.Change) error {
	if b.left.Add(-1) == 0 {
		b.ring()
	}
	return b.Journal.Commit(ctx, c)
}

// The end of its context makes Work wait for the calls that were made, and no longer. It sends
// nothing that was not on record by then, and leaves every run to others: nobody holds it, and it is
// due as if nothing had happened. Another process does the rest, and nothing twice.
func TestDrain(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		after := time.Duration(rapid.IntRange(0, 40_000).Draw(rt, "after")) * time.Millisecond
		commits := rapid.IntRange(0, 60).Draw(rt, "commits") // 0: the time decides
		limit := rapid.IntRange(1, 8).Draw(rt, "limit")
		var wrong []string
		failf := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			const longest = 7 * time.Second // of a call
			type sent struct {
				run, step string
				at        time.Time
			}
			var mu sync.Mutex
			var calls []sent
			b.answer = func(c task.Call) error {
				mu.Lock()
				calls = append(calls, sent{c.Run, c.Step, time.Now()})
				mu.Unlock()
				time.Sleep(longest - time.Duration(len(c.Run)*int(c.Run[len(c.Run)-1]))*time.Millisecond) // no two runs keep step
				return nil
			}
			rings := &bell{Journal: b.journal}
			b.journal = rings
			first := b.process("first")
			first.Limit = limit
			for name, source := range map[string]string{
				"effects":  "steps:\n  - {id: one, task: remote.evident}\n  - {id: two, task: remote.once}\n  - {id: three, task: remote.reads}\n",
				"memory":   "steps:\n  - {id: one, task: remote.evident}\n  - {id: wait, task: stub.reads, with: {script: \"again 11s, again 11s, ok\"}}\n  - {id: two, task: remote.evident}\n",
				"parked":   "steps:\n  - {id: wait, task: timer.minute}\n  - {id: one, task: remote.evident}\n",
				"branches": "steps:\n  - parallel:\n      a: [{id: one, task: remote.evident}, {id: two, task: remote.evident}]\n      b: [{id: wait, task: timer.minute}, {id: three, task: remote.evident}]\n",
			} {
				b.accept(first, name, source, 3)
			}
			ctx, end := context.WithCancel(t.Context())
			var drained time.Time
			drain := func() {
				if ctx.Err() == nil {
					drained = time.Now()
					end()
				}
			}
			rings.ring = drain
			rings.left.Store(int64(commits))
			if commits == 0 {
				time.AfterFunc(after, drain)
			} else {
				time.AfterFunc(10*time.Minute, drain)
			}
			if err := first.Work(ctx, false, nil); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(drained); took > longest+time.Second {
				failf("the drain took %s", took)
			}
			runs, err := b.journal.List(t.Context(), journal.Query{})
			if err != nil || len(runs) != 12 {
				t.Fatal(len(runs), err)
			}
			for _, run := range runs {
				if run.Holder != "" || run.Ended.IsZero() == run.Wake.IsZero() {
					failf("run %s is held by %q and due %s", run.ID, run.Holder, run.Wake)
				}
			}
			for _, c := range calls {
				_, entries, err := b.journal.Load(t.Context(), c.run)
				if err != nil {
					t.Fatal(err)
				}
				if c.at.After(drained) && !onRecord(entries, c.step, drained) {
					failf("run %s sent %s %s after the drain began", c.run, c.step, c.at.Sub(drained))
				}
			}
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			second := b.process("second")
			defer func() { _ = second.Close() }()
			if err := second.Work(t.Context(), true, nil); err != nil {
				t.Fatal(err)
			}
			done := map[string]int{}
			for _, c := range b.calls {
				if done[c.Run+c.Step]++; done[c.Run+c.Step] > 1 || c.Recover {
					failf("run %s called %s again", c.Run, c.Step)
				}
			}
			if len(done) != 3*(3+2+1+3) {
				failf("%d calls", len(done))
			}
		})
		if len(wrong) > 0 {
			rt.Fatal(strings.Join(wrong, "\n"))
		}
	})
}

// onRecord reports whether the intent of a step's call has a time, or the call is a read, which has
// no intent.
func onRecord(entries []journal.Entry, step string, until time.Time) bool {
	for _, e := range entries {
		if e.Kind == journal.Intent && e.Step == step {
			return !e.At.After(until)
		}
	}
	return true
}

// stuck has a task that takes an hour unless its context ends, and one that takes no notice of that.
func stuck(calls *[]task.Call, mu *sync.Mutex) *task.Registry {
	define := func(name string, effect task.Effect, run func(ctx context.Context, c task.Call) error) task.Type {
		return task.Define("stuck."+name, "Takes long.", effect, func(ctx context.Context, c task.Call, _ struct{}) (struct{}, error) {
			mu.Lock()
			*calls = append(*calls, c)
			mu.Unlock()
			return struct{}{}, run(ctx, c)
		})
	}
	heeds := func(ctx context.Context, c task.Call) error {
		if c.Recover { // the process that comes next
			return nil
		}
		select {
		case <-ctx.Done():
			return &task.Failure{Code: task.CodeNoReply, Message: "no answer came", Transient: true, Unknown: true}
		case <-time.After(time.Hour):
			return nil
		}
	}
	return task.NewRegistry(task.Connector{
		Name: "stuck", Title: "Stuck", Description: "Takes long.",
		Types: []task.Type{
			define("heeds", task.Keyed, heeds), define("reads", task.Reads, heeds),
			define("ignores", task.Keyed, func(context.Context, task.Call) error { time.Sleep(10 * time.Second); return nil }),
		},
	})
}

// If a drain takes too long, Interrupt ends the calls as a crash would: another process finds their
// intents without answers. An answer that comes all the same is kept.
func TestInterrupt(t *testing.T) {
	for _, c := range []struct {
		name, source string
		after        time.Duration // until Work returns
		entries      []journal.Kind
		calls        string // of both processes, sorted
	}{
		{"an effect", "steps:\n  - {id: a, task: stuck.heeds}\n", 5 * time.Second, []journal.Kind{journal.Intent}, "a, a recovers"},
		{"a read", "steps:\n  - {id: a, task: stuck.reads}\n", 5 * time.Second, nil, "a, a"},
		{"an answer that comes", "steps:\n  - {id: a, task: stuck.ignores}\n  - {id: b, task: stuck.ignores}\n", 10 * time.Second, []journal.Kind{journal.Intent, journal.Replied}, "a, b"},
		{"branches", "steps:\n  - parallel:\n      one: [{id: a, task: stuck.heeds}]\n      two: [{id: b, task: stuck.heeds}]\n", 5 * time.Second, []journal.Kind{journal.Intent, journal.Intent}, "a, a recovers, b, b recovers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bench) {
				var mu sync.Mutex
				var calls []task.Call
				registry := stuck(&calls, &mu)
				p, problems := program.Load("case.yaml", []byte("workflow: case\n"+c.source), registry)
				if diag.HasErrors(problems) {
					t.Fatal(problems)
				}
				first := &local.Runner{Journal: b.journal, Registry: registry, About: "first"}
				if _, err := first.Accept(t.Context(), engine.Order{Run: "testrun000000000", Inputs: map[string]any{}, Program: p}); err != nil {
					t.Fatal(err)
				}
				ctx, end := context.WithCancel(t.Context())
				begun := time.Now()
				time.AfterFunc(time.Second, end)
				time.AfterFunc(5*time.Second, first.Interrupt)
				if err := first.Work(ctx, false, nil); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(begun); took != c.after {
					t.Errorf("Work returns after %s, want %s", took, c.after)
				}
				before := len(calls)
				other := engine.Order{Run: "testrun000000001", Inputs: map[string]any{}, Program: p}
				if v, err := first.Start(t.Context(), other, engine.Following{}); !errors.Is(err, context.Canceled) || v.Run != "" || len(calls) != before {
					t.Errorf("afterwards run %q is %s after %d calls, %v", v.Run, v.Status, len(calls)-before, err)
				}
				_, entries, err := b.journal.Load(t.Context(), "testrun000000000")
				if err != nil {
					t.Fatal(err)
				}
				var kinds []journal.Kind
				for _, e := range entries {
					kinds = append(kinds, e.Kind)
				}
				if !slices.Equal(kinds, c.entries) {
					t.Errorf("on record is %v, want %v", kinds, c.entries)
				}
				if err := first.Close(); err != nil {
					t.Fatal(err)
				}
				second := &local.Runner{Journal: b.journal, Registry: registry, About: "second"}
				defer func() { _ = second.Close() }()
				v, err := second.Follow(t.Context(), "testrun000000000", engine.Following{})
				if err != nil || v.Status != engine.Succeeded {
					t.Errorf("the run %s: %v, %v", v.Status, v.Failure, err)
				}
				var made []string
				for _, call := range calls {
					word := call.Step
					if call.Recover {
						word += " recovers"
					}
					if call.Run == "testrun000000000" {
						made = append(made, word)
					}
				}
				slices.Sort(made)
				if got := strings.Join(made, ", "); got != c.calls {
					t.Errorf("the calls are %s, want %s", got, c.calls)
				}
			})
		})
	}
}
