package local

import (
	"context"
	"fmt"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// A RefusedError says why what a person asked for cannot be done to a run as it stands, and what can.
type RefusedError struct{ Reason, Hint string }

func (e *RefusedError) Error() string { return e.Reason }

// Resolve decides about a step that is uncertain. The run is due at once then. Its errors are a *RefusedError, journal.ErrNotFound, or
// the journal's.
func (r *Runner) Resolve(ctx context.Context, id, step string, d engine.Decision, comment string) error {
	v, err := r.Look(ctx, id)
	if err != nil {
		return err
	}
	if v.Result.Status != engine.Uncertain || v.Run.Status != string(engine.Uncertain) {
		return &RefusedError{Reason: fmt.Sprintf("run %s is %s; there is nothing to resolve", id, v.Run.Status)}
	}
	if waits := v.Result.Failure.Step; waits != step {
		return &RefusedError{
			Reason: fmt.Sprintf("step %q of run %s is not uncertain; step %q is", step, id, waits),
			Hint:   fmt.Sprintf("errand runs resolve %s %s --%s", id, waits, d.Verdict),
		}
	}
	e := journal.Entry{Kind: journal.Decided, At: after(v), Step: step, Word: string(d.Verdict), By: d.By, Text: comment}
	return r.store(journal.Change{
		Run: id, Next: v.Run.Next, From: v.Run.Holder, Knows: v.Run.Cancel, Entries: []journal.Entry{e},
		State: journal.State{Status: string(engine.Waiting), Wake: e.At},
	})
}

// after is now, and not before what is on record.
func after(v View) time.Time {
	now := time.Now().Round(0).UTC()
	if n := len(v.Entries); n > 0 && v.Entries[n-1].At.After(now) {
		return v.Entries[n-1].At
	}
	return now
}
