// Package virtual carries runs out without taking time, on a clock that moves when somebody sleeps.
// The sandbox and the golden tests use its Host; a Runner keeps runs in memory.
//
// In reading order: clock.go and host.go (one run on a clock), schedule.go (branches take turns),
// memory.go and life.go (a host that answers again what it answered before), runs.go, runner.go and
// work.go (runs in memory), decide.go (what persons do), read.go (what can be read).
package virtual

import (
	"context"
	"errors"
	"time"

	"errand/engine"
	"errand/engine/task"
)

// A Host runs one run against a Clock. It implements engine.Host.
type Host struct {
	Context  context.Context // for the tasks; its end cancels the run before its next effect
	Clock    *Clock
	Registry *task.Registry
	Watch    func(engine.Event) // may be nil

	// Took is how long a call took that has just been answered; nil: no time at all.
	Took func(task.Call) time.Duration

	// Cancel is when a person cancels the run; zero: nobody does.
	Cancel time.Time

	// Answer decides for the persons who are asked, after some time; false leaves the question open.
	// May be nil.
	Answer func(engine.Question) (d engine.Decision, after time.Duration, ok bool)

	cancelled bool // the run or the branch is cancelled, and was told so
	calling   bool
	schedule  *schedule // once the run has forked
	path      string    // of the branch
	forked    int       // how often this branch has forked
	forks     []*fork   // that this branch is part of, the outermost first
	halted    error     // what ended the branch that is no failure of its own
}

var _ engine.Host = (*Host)(nil)

// Now is what the clock shows.
func (h *Host) Now() time.Time { return h.Clock.Now() }

// Sleep moves the clock, or lets other branches take their turn until it has moved so far.
func (h *Host) Sleep(d time.Duration) error {
	if err := h.interrupted(); err != nil {
		return err
	}
	h.pass(h.untilCancelled(d))
	if err := h.interrupted(); err != nil {
		return err
	}
	return h.left()
}

// pass lets time pass, in which other branches take their turns.
func (h *Host) pass(d time.Duration) {
	if h.schedule == nil {
		h.Clock.Advance(d)
		return
	}
	h.schedule.wait(h, h.Now().Add(d))
}

// untilCancelled is the part of a wait that comes before a person cancels the run.
func (h *Host) untilCancelled(d time.Duration) time.Duration {
	if h.Cancel.IsZero() || h.cancelled {
		return d
	}
	return min(d, max(0, h.Cancel.Sub(h.Now())))
}

// Call calls the task at once. The clock stands still meanwhile, unless Took says otherwise.
func (h *Host) Call(c task.Call) (task.Reply, error) {
	if t, _ := h.Registry.Lookup(c.Type); t.Effect != task.Pure {
		if err := h.mayAct(); err != nil {
			return task.Reply{}, err
		}
	}
	return h.call(c), nil
}

// mayAct reports whether the branch may act now.
func (h *Host) mayAct() error {
	if err := h.interrupted(); err != nil {
		return err
	}
	return h.left()
}

func (h *Host) call(c task.Call) task.Reply {
	reply := engine.Execute(context.WithoutCancel(h.Context), h.Registry, c)
	if h.Took == nil {
		return reply
	}
	if took := h.Took(c); took > 0 {
		h.calling = true
		h.pass(took)
		h.calling = false
	}
	return reply
}

// Decide asks Answer. A question that nobody answers is open until its time has passed, or the run
// is cancelled.
func (h *Host) Decide(q engine.Question) (engine.Decision, error) {
	if err := h.interrupted(); err != nil {
		return engine.Decision{}, h.undecided(err)
	}
	if h.Answer != nil {
		if d, after, ok := h.Answer(q); ok && (q.Until.IsZero() || h.Now().Add(after).Before(q.Until)) {
			return d, h.Sleep(after)
		}
	}
	if q.Until.IsZero() && !h.Cancel.IsZero() && !h.cancelled {
		q.Until = h.Cancel
	}
	if q.Until.IsZero() && h.schedule.parks() {
		q.Until = h.Now().Add(never)
	}
	if q.Until.IsZero() {
		h.halted = engine.ErrUndecided
		return engine.Decision{}, engine.ErrUndecided
	}
	if err := h.Sleep(max(0, q.Until.Sub(h.Now()))); err != nil {
		return engine.Decision{}, h.undecided(err)
	}
	return engine.Decision{Verdict: engine.VerdictExpired}, nil
}

// never is longer than every wait.
const never = 200 * 365 * 24 * time.Hour

// undecided is the error of Decide if an error ended the wait for a person.
func (h *Host) undecided(err error) error {
	if errors.Is(err, errParked) {
		err = engine.ErrUndecided
		h.halted = err
	}
	return err
}

// Emit passes the event on.
func (h *Host) Emit(e engine.Event) {
	if h.Watch != nil {
		e.Branch = h.path
		h.Watch(e)
	}
}

// interrupted returns ErrCancelled once if the run or the branch is to be cancelled: what follows is
// the run's own tidying up. It returns another error if all branches give up.
func (h *Host) interrupted() error {
	if h.schedule.isOver() {
		h.halted = errParked
		return errParked
	}
	if h.mustCancel() {
		h.cancelled = true
		return engine.ErrCancelled
	}
	if h.schedule.isStopped() {
		h.halted = h.schedule.giveUp(errStopped)
	}
	return h.halted
}

// left returns an error if the process ends its work, which it does before an effect.
func (h *Host) left() error {
	if h.schedule.isLeft() {
		h.halted = h.schedule.giveUp(errLeft)
	}
	return h.halted
}
