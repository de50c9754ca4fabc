package local_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/task"
)

// Work may go on for years, so it keeps nothing of a run that has ended.
func TestWorkKeepsNothingOfEndedRuns(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		r := b.process("the worker")
		defer func() { _ = r.Close() }()
		ended := map[string]engine.Status{}
		watch := func(e engine.Event) {
			if e.Kind == engine.EventRunEnded {
				ended[e.Run] = e.Status
			}
		}
		r.Limit = 1 // one run at a time
		b.answer = func(c task.Call) error {
			if c.Run == "testrun000000001" {
				return &task.Failure{Code: "no", Message: "not this one"}
			}
			return nil
		}
		p := b.program(`
steps:
  - {id: wait, task: timer.minute}
  - {id: act, task: remote.evident, with: {text: one}}
  - id: ok
    if: request.id == "100-3"
    approval: {ask: "May it end?", by: [operators]}
`)
		for i := range 4 {
			order := engine.Order{Run: fmt.Sprintf("testrun%09d", i), Request: fmt.Sprintf("100-%d", i), Inputs: map[string]any{}, Program: p}
			if _, err := r.Accept(t.Context(), order); err != nil {
				t.Fatal(err)
			}
		}
		watched, err := r.Watched(t.Context(), true, watch)
		if err != nil || watched != 1 {
			t.Errorf("Work keeps %d runs, want only the one that waits for a person (%v)", watched, err)
		}
		if len(ended) != 3 || ended["testrun000000001"] != engine.Failed {
			t.Errorf("the runs that ended: %v", ended)
		}
	})
}

// A forgetful journal fails to return marks.
type forgetful struct {
	journal.Journal
	err   error
	asked int
	fails func(asked int) bool
}

// Mark implements journal.Marker.
func (f *forgetful) Mark(ctx context.Context, run string) (journal.Mark, error) {
	if f.asked++; f.fails(f.asked) {
		return journal.Mark{}, &journal.StoreError{Doing: "mark", Err: f.err}
	}
	return f.Journal.Mark(ctx, run)
}

// A caller that waits for a run tolerates a journal that fails for a while. It returns an error if
// the journal fails for long, or is gone.
func TestFollowWhileTheJournalFails(t *testing.T) {
	broken := errors.New("the disk is broken")
	for _, c := range []struct {
		name  string
		err   error
		fails func(asked int) bool
		after time.Duration
	}{
		{"now and then", broken, func(asked int) bool { return asked%10 > 0 }, time.Minute},
		{"for good", broken, func(asked int) bool { return asked > 4 }, 6500 * time.Millisecond},
		{"it is gone", journal.ErrGone, func(asked int) bool { return asked == 5 }, 2 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bench) {
				b.journal = &forgetful{Journal: b.journal, err: c.err, fails: c.fails}
				r := b.process("a process")
				defer func() { _ = r.Close() }()
				began := time.Now()
				result, err := r.Start(t.Context(), b.order(`
steps:
  - {id: wait, task: timer.minute}
`), engine.Following{})
				if took := time.Since(began); took != c.after {
					t.Errorf("Start returns after %s, want %s", took, c.after)
				}
				if c.after == time.Minute {
					b.want(result, err, engine.Succeeded, "wait succeeded")
				} else if !errors.Is(err, c.err) || result.Status == engine.Succeeded {
					t.Errorf("the run is %s: got %v, want %v", result.Status, err, c.err)
				}
				synctest.Wait()
			})
		})
	}
}
