package virtual

import (
	"context"
	"errors"

	"errand/engine"
)

// Work implements engine.Worker. It works on one run at a time.
func (r *Runner) Work(ctx context.Context, drain bool, watch engine.Watch) error {
	began := r.Runs.Clock.Now()
	watchers := map[string]*watcher{}
	for ctx.Err() == nil {
		first, busy, changes := r.Runs.first()
		if first.memory == nil && drain && !busy {
			return nil
		}
		if first.memory == nil || first.due.After(r.Runs.Clock.Now()) {
			r.await(ctx, first.due, changes)
			continue
		}
		id := first.order.Run
		if watchers[id] == nil {
			watchers[id] = newWatcher(watch)
			watchers[id].skip(first.memory, began)
		}
		v, err := r.work(ctx, id, watchers[id])
		if _, refused := errors.AsType[*engine.Refusal](err); err != nil && !refused { // a refusal: another process was faster
			return err
		}
		if !v.Ended.IsZero() {
			delete(watchers, id)
		}
	}
	return nil
}

// first returns the run that is due first, or the zero run if none is due by itself. It also
// returns whether a process works on a run, and a channel that is closed with the next change.
func (r *Runs) first() (first run, busy bool, changes <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, x := range r.runs {
		switch {
		case x.worker != nil:
			busy = true
		case !x.due.IsZero() && (first.due.IsZero() || x.due.Before(first.due)):
			first = *x
		}
	}
	return first, busy, r.changes()
}
