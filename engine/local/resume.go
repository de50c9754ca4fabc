package local

import (
	"context"
	"errors"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// Resume goes on with a run, also with one that was stopped, until it has ended or a person must decide, and returns what it came
// to. The end of ctx stops the run before its next effect. Its errors are a *HeldError where another process works on the run,
// journal.ErrNotFound, or the journal's.
func (r *Runner) Resume(ctx context.Context, id string) (engine.Result, error) {
	w := r.watcher()
	s, err := r.work(ctx, id, w)
	for waited := time.Duration(0); isHeld(err) && waited < patience; waited += r.poll() {
		if ctx.Err() != nil {
			return s.result, err
		}
		time.Sleep(min(r.poll(), patience)) // it may be in the middle of it for a moment only
		s, err = r.work(ctx, id, w)
	}
	if err != nil || s.rests() {
		return s.result, err
	}
	return r.follow(ctx, s, w)
}

// patience is how long Resume waits for another process before it says who works on the run.
const patience = 2 * time.Second

func isHeld(err error) bool {
	_, held := errors.AsType[*HeldError](err)
	return held || errors.Is(err, journal.ErrMoved)
}

func (r *Runner) watcher() *watcher {
	if r.Watch == nil {
		return nil
	}
	return newWatcher(r.Watch)
}

// follow waits until a parked run is due, goes on with it, and so on. Where another process is faster it looks on.
func (r *Runner) follow(ctx context.Context, s standing, w *watcher) (engine.Result, error) {
	for {
		if err := r.wait(ctx, s.run); err != nil {
			return s.result, err
		}
		next, err := r.work(ctx, s.run.ID, w)
		switch {
		case isHeld(err):
			if err := r.lookOn(s.run.ID, w); err != nil {
				return s.result, err
			}
			if over(ctx) {
				return s.result, nil // the other one goes on
			}
			s.run.Wake = time.Now().Add(r.poll())
			continue
		case err != nil:
			return next.result, err
		}
		s = next
		if s.rests() || over(ctx) {
			return s.result, nil
		}
	}
}

// wait returns when a run is due, when somebody has changed it, or when ctx ends. Its error is the journal's, when it is gone or has failed
// several times in a row.
func (r *Runner) wait(ctx context.Context, run journal.Run) error {
	for failed := 0; ; {
		poked := r.pokes()
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
		left := time.Until(run.Wake)
		if left <= 0 {
			return nil
		}
		timer := time.NewTimer(min(left, r.poll()))
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

// lookOn tells what another process did.
func (r *Runner) lookOn(id string, w *watcher) error {
	_, err := r.look(id, w)
	return err
}
