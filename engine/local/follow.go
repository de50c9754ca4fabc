package local

import (
	"context"
	"errors"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// Follow implements engine.Follower. It also goes on with a run that a person had stopped.
func (r *Runner) Follow(ctx context.Context, id string, f engine.Following) (engine.View, error) {
	w := newWatcher(f.Watch)
	s, err := r.work(ctx, id, w, nil)
	for waited := time.Duration(0); isHeld(err) && waited < patience; waited += r.poll() {
		if ctx.Err() != nil {
			return s.view(), outward(id, err)
		}
		time.Sleep(min(r.poll(), patience)) // the other process may need the run for a moment only
		s, err = r.work(ctx, id, w, nil)
	}
	v, err := r.onward(ctx, s, err, f, w)
	return v, outward(id, err)
}

// patience is how long Follow waits for another process before it says which one works on the run.
const patience = 2 * time.Second

func isHeld(err error) bool {
	return refusalCode(err) == engine.RefusedHeld || errors.Is(err, journal.ErrMoved)
}

// onward goes on with a run from where work left it, as far as the caller follows it.
func (r *Runner) onward(ctx context.Context, s standing, err error, f engine.Following, w *watcher) (engine.View, error) {
	if err == nil {
		s, err = r.follow(ctx, s, f, w)
	}
	return s.view(), err
}

// follow waits until a parked run is due, goes on with it, and so on. If another process is faster,
// it watches the run.
func (r *Runner) follow(ctx context.Context, s standing, f engine.Following, w *watcher) (standing, error) {
	for !s.isOver(f.Stay) {
		var err error
		if s.run.WaitsForTurn() {
			s, err = r.waitForTurn(ctx, s, f)
		} else {
			err = r.wait(ctx, s.run, s.run.Wake)
		}
		if err != nil {
			return s, err
		}
		next, err := r.work(ctx, s.run.ID, w, nil)
		switch {
		case isHeld(err):
			if s, err = r.watchOther(ctx, s, w); err != nil {
				return s, err
			}
			if over(ctx) {
				return s, nil // the other process goes on
			}
			continue
		case err != nil:
			return next, err
		}
		s = next
		if over(ctx) {
			return s, nil
		}
	}
	return s, nil
}

// watchOther passes on what another process does with a run, until that process gives the run up or
// ctx ends.
func (r *Runner) watchOther(ctx context.Context, s standing, w *watcher) (standing, error) {
	t := &tail{r: r, id: s.run.ID, w: w}
	for {
		run, err := t.look()
		if err != nil {
			_, _ = t.end()
			return s, err
		}
		s.run = run
		if over(ctx) || !r.isAtWork(run) {
			s.result, err = t.end()
			return s, err
		}
		if err := r.wait(ctx, run, time.Now().Add(r.poll())); err != nil {
			_, _ = t.end()
			return s, err
		}
	}
}

// wait returns when a time has come (zero means never), when somebody has changed the run, or when
// ctx ends. Its error is the journal's if that is gone or has failed several times in a row.
func (r *Runner) wait(ctx context.Context, run journal.Run, due time.Time) error {
	for failed := 0; ; {
		poked := r.poked.next()
		now, err := r.Journal.Mark(background, run.ID)
		switch {
		case err == nil && !now.Same(run.Mark()):
			return nil
		case err == nil:
			failed = 0
		default:
			if failed++; failed == maxFailed || errors.Is(err, journal.ErrGone) || errors.Is(err, journal.ErrNotFound) {
				return err
			}
		}
		left := r.poll()
		if !due.IsZero() {
			left = min(left, time.Until(due))
		}
		if left <= 0 {
			return nil
		}
		timer := time.NewTimer(left)
		select {
		case <-timer.C:
		case <-poked:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
		timer.Stop()
	}
}
