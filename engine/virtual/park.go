package virtual

import (
	"context"
	"errors"

	"errand/engine"
)

// Why a Runner's host gives up before the run's end.
var (
	errParked  = errors.New("all branches of the run wait")
	errStopped = errors.New("a person stopped the run")
	errLeft    = errors.New("the process ends its work")
)

// parks reports whether all branches give up as soon as all of them wait. It is false for a nil
// schedule.
func (s *schedule) parks() bool { return s != nil && s.work != nil }

// isOver reports whether the branches give up.
func (s *schedule) isOver() bool { return s != nil && s.over != nil }

// isLeft reports whether the process ends its work.
func (s *schedule) isLeft() bool { return s.parks() && s.work.Err() != nil }

// isStopped reports whether a person stopped the process.
func (s *schedule) isStopped() bool {
	return s.isLeft() && errors.Is(context.Cause(s.work), engine.ErrStop)
}

// giveUp makes all branches give up.
func (s *schedule) giveUp(why error) error {
	s.over = why
	return why
}

// Park gives the run up. Nobody resumes the run of a Host that is not a Runner's: its error then is
// an *engine.Trouble.
func (h *Host) Park(w engine.Wait) error {
	if err := h.checkInterrupt(); err != nil {
		return err
	}
	if h.schedule.parks() {
		return h.Sleep(never)
	}
	h.halted = &engine.Trouble{Code: w.Trouble, Err: errors.New(w.Reason)}
	return h.halted
}

// Park implements engine.Host. Its moment is a wait that is never due.
func (r *recall) Park(w engine.Wait) error {
	if r.life.dead {
		return ErrDied
	}
	m, err := r.next()
	if err != nil {
		return err
	}
	if m == nil {
		return r.park(w)
	}
	w.Since = m.at
	if woke, err := r.next(); woke != nil || err != nil {
		return err
	}
	if err := r.live(r.Host.mayAct); err != nil {
		return r.keepWaiting(w, err)
	}
	r.keep(moment{woke: true})
	return nil
}

// park begins a wait that ends when a process takes the run up again.
func (r *recall) park(w engine.Wait) error {
	if err := r.live(r.Host.checkInterrupt); err != nil {
		return err
	}
	r.keep(moment{})
	w.Since = r.clock
	return r.keepWaiting(w, r.live(func() error { return r.Host.Park(w) }))
}

// keepWaiting notes that the branch goes on waiting, unless err is ErrCancelled. It returns err.
func (r *recall) keepWaiting(w engine.Wait, err error) error {
	if !errors.Is(err, engine.ErrCancelled) {
		r.life.waits = append(r.life.waits, w)
	}
	return err
}
