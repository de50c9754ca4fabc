package local

import (
	"context"
	"errors"
	"fmt"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// Cancel has a run stop before its next effect, carry out its `finally` and end. Whoever works on it does so, or else this runner with
// its next Resume or Work. Its errors are a *RefusedError, journal.ErrNotFound, or the journal's.
func (r *Runner) Cancel(ctx context.Context, id string) error {
	r.mu.Lock()
	h := r.busy[id]
	r.mu.Unlock()
	if h != nil {
		h.asked.Store(true)
	}
	for {
		run, err := r.head(ctx, id)
		switch {
		case err != nil:
			return err
		case !run.Ended.IsZero():
			return &RefusedError{Reason: fmt.Sprintf("run %s has ended already: it %s", id, run.Status)}
		}
		if !run.Wake.IsZero() {
			err := r.Journal.Cancel(ctx, id)
			r.poke()
			return err
		}
		// Nobody would notice. This runner takes it, so that no other goes on with it before it is cancelled.
		me, err := r.join()
		if err != nil {
			return err
		}
		state := journal.State{Status: string(engine.Waiting), Wake: time.Now().Round(0).UTC()}
		err = r.store(journal.Change{Run: id, Next: run.Next, From: run.Holder, Knows: run.Cancel, Holder: me, State: state})
		if err != nil && !errors.Is(err, journal.ErrMoved) {
			return err
		}
	}
}

// head is a run without its entries, however damaged these are.
func (r *Runner) head(ctx context.Context, id string) (journal.Run, error) {
	run, _, err := r.Journal.Load(ctx, id)
	if _, damaged := errors.AsType[*journal.DamageError](err); damaged {
		err = nil
	}
	return run, err
}
