package local

import (
	"context"
	"errors"
	"time"

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
	for taken := false; ; {
		run, err := r.head(ctx, id)
		switch {
		case err != nil:
			return err
		case !run.Ended.IsZero():
			return &engine.Refusal{Code: engine.RefusedEnded, Run: id, Status: run.Status}
		}
		if !run.Wake.IsZero() {
			err := r.Journal.Cancel(ctx, id)
			if err == nil && taken {
				err = r.leaveToAll(run)
			}
			r.poke()
			return err
		}
		// No process works on the run, and it is not due. This runner takes it, so that no other
		// one goes on with it before it is cancelled.
		me, err := r.join()
		if err != nil {
			return err
		}
		state := dueNow(time.Now().Round(0).UTC())
		err = r.store(journal.Change{Run: id, Next: run.Next, From: run.Holder, Knows: run.Cancel, Holder: me, State: state})
		if err != nil && !errors.Is(err, journal.ErrMoved) {
			return err
		}
		taken = err == nil
	}
}

// leaveToAll gives up a run that this runner took to cancel it. If somebody else has changed the run
// meanwhile, nothing is left to do.
func (r *Runner) leaveToAll(run journal.Run) error {
	state := dueNow(time.Now().Round(0).UTC())
	err := r.store(journal.Change{Run: run.ID, Next: run.Next, From: run.Holder, Knows: true, State: state})
	if errors.Is(err, journal.ErrMoved) {
		return nil
	}
	return err
}

// head returns a run without its entries, even if these are damaged.
func (r *Runner) head(ctx context.Context, id string) (journal.Run, error) {
	run, _, err := r.Journal.Load(ctx, id)
	if _, damaged := errors.AsType[*journal.DamageError](err); damaged {
		err = nil
	}
	return run, err
}
