package local

import (
	"context"
	"errors"

	"errand/engine"
	"errand/engine/journal"
)

// Cancel implements engine.Decider. The process that works on the run carries the cancellation out;
// if there is none, whoever takes the run up does.
func (r *Runner) Cancel(ctx context.Context, id string, _ engine.Person) error {
	return outward(id, r.cancel(ctx, id))
}

func (r *Runner) cancel(ctx context.Context, id string) error {
	r.mu.Lock()
	h := r.busy[id]
	r.mu.Unlock()
	if h != nil {
		h.asked.Store(true)
	}
	run, err := r.head(ctx, id)
	switch {
	case err != nil:
		return err
	case !run.Ended.IsZero():
		return &engine.Refusal{Code: engine.RefusedEnded, Run: id, Status: run.Status}
	}
	err = r.Journal.Cancel(ctx, id)
	r.poke()
	return err
}

// head returns a run without its entries, even if it is damaged.
func (r *Runner) head(ctx context.Context, id string) (journal.Run, error) {
	run, _, err := r.Journal.LoadAfter(ctx, id, journal.NoEntries)
	if _, damaged := errors.AsType[*journal.DamageError](err); damaged {
		err = nil
	}
	return run, err
}
