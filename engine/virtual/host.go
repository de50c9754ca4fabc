// Package virtual carries runs out without taking time, on a clock that moves when a run waits.
// The sandbox and the golden tests use its Host; a Runner keeps runs in memory.
//
// In reading order: clock.go and host.go (one run on a clock), schedule.go (branches take turns) with
// park.go (they give up), memory.go and life.go (a host that repeats its earlier answers), runs.go,
// runner.go and work.go (runs in memory) with turn.go (runs with a concurrency key) and watcher.go (each
// event is passed on once), decide.go (what persons do), read.go (what can be read), count.go, prune.go.
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
	Context  context.Context // of the tasks; when it ends, the run is cancelled before its next effect
	Clock    *Clock
	Registry *task.Registry
	Watch    func(engine.Event) // may be nil

	// Took returns how long a call took, after it is answered. If it is nil, calls take no time.
	Took func(task.Call) time.Duration

	// Cancel is when a person cancels the run; zero means never.
	Cancel time.Time

	// Answer returns the decision on a question, and after which time it is made. If ok is false,
	// nobody decides. Answer may be nil.
	Answer func(engine.Question) (d engine.Decision, after time.Duration, ok bool)

	cancelled bool      // ErrCancelled was returned to the run or the branch
	calling   bool      // the branch is in a call, or asks about an unknown outcome: it is not cancelled
	schedule  *schedule // nil until the run has forked
	path      string    // the path of the branch
	forked    int       // how often this branch has forked
	forks     []*fork   // the forks that the branch is part of, the outermost first
	halted    error     // why the branch gave up, if it did not fail itself
}

var _ engine.Host = (*Host)(nil)

// Now implements engine.Host.
func (h *Host) Now() time.Time { return h.Clock.Now() }

// Sleep moves the clock, or lets other branches work until the clock has moved that far.
func (h *Host) Sleep(d time.Duration) error {
	if err := h.checkInterrupt(); err != nil {
		return err
	}
	d = h.untilCancelled(d)
	if h.Now().Add(d).Year() > lastYear {
		h.halted = errTooFar
		return h.halted
	}
	h.pass(d)
	return h.mayAct()
}

// lastYear is the last year that JSON can show.
const lastYear = 9999

var errTooFar = errors.New("the waits add up to a time after the year 9999")

// pass lets time pass. Other branches work meanwhile.
func (h *Host) pass(d time.Duration) {
	if h.schedule == nil {
		h.Clock.Advance(d)
		return
	}
	h.schedule.wait(h, h.Now().Add(d))
}

// untilCancelled returns the part of a wait that comes before a person cancels the run.
func (h *Host) untilCancelled(d time.Duration) time.Duration {
	if h.Cancel.IsZero() || h.cancelled {
		return d
	}
	return min(d, max(0, h.Cancel.Sub(h.Now())))
}

// Call calls the task at once. The clock stands still meanwhile, unless Took is set.
func (h *Host) Call(c task.Call) (task.Reply, error) {
	if t, _ := h.Registry.Lookup(c.Type); t.Effect != task.Pure {
		if err := h.mayAct(); err != nil {
			return task.Reply{}, err
		}
	}
	return h.call(c), nil
}

// mayAct returns nil if the branch may act now. Otherwise the branch is interrupted, or the process
// ends its work, which it does before an effect.
func (h *Host) mayAct() error {
	if err := h.checkInterrupt(); err != nil {
		return err
	}
	if h.schedule.isLeft() {
		h.halted = h.schedule.giveUp(errLeft)
	}
	return h.halted
}

func (h *Host) call(c task.Call) task.Reply {
	reply := engine.Execute(context.WithoutCancel(h.Context), h.Registry, c).SentAt(h.Now())
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

// Decide returns the decision of Answer. If nobody decides, it waits until the time for the
// decision has passed, or the run is cancelled.
func (h *Host) Decide(q engine.Question) (engine.Decision, error) {
	check, sleep := h.checkInterrupt, h.Sleep
	if q.Failure != nil {
		check, sleep = h.checkEnd, h.sleepThrough
	}
	if err := check(); err != nil {
		return engine.Decision{}, h.undecided(err)
	}
	if h.Answer != nil {
		if d, after, ok := h.Answer(q); ok && (q.Until.IsZero() || h.Now().Add(after).Before(q.Until)) {
			return d, sleep(after)
		}
	}
	if q.Failure == nil && q.Until.IsZero() && !h.Cancel.IsZero() && !h.cancelled {
		q.Until = h.Cancel
	}
	if q.Until.IsZero() && h.schedule.parks() {
		q.Until = h.Now().Add(never)
	}
	if q.Until.IsZero() {
		h.halted = engine.ErrUndecided
		return engine.Decision{}, engine.ErrUndecided
	}
	if err := sleep(max(0, q.Until.Sub(h.Now()))); err != nil {
		return engine.Decision{}, h.undecided(err)
	}
	return engine.Decision{Verdict: engine.VerdictExpired}, nil
}

// never is longer than any wait.
const never = 200 * 365 * 24 * time.Hour

// undecided returns the error of Decide if err ended the wait for a person.
func (h *Host) undecided(err error) error {
	if errors.Is(err, errParked) {
		err = engine.ErrUndecided
		h.halted = err
	}
	return err
}

// Emit implements engine.Host.
func (h *Host) Emit(e engine.Event) {
	if h.Watch != nil {
		e.Branch = h.path
		h.Watch(e)
	}
}

// checkInterrupt returns ErrCancelled once if the run or the branch is cancelled; after that the
// run cleans up. It returns another error if all branches give up.
func (h *Host) checkInterrupt() error {
	if !h.schedule.isOver() && h.mustCancel() {
		h.cancelled = true
		return engine.ErrCancelled
	}
	return h.checkEnd()
}

// sleepThrough is Sleep for a question that stays if the run is cancelled.
func (h *Host) sleepThrough(d time.Duration) error {
	h.calling = true
	h.pass(d)
	h.calling = false
	return h.checkEnd()
}

// checkEnd returns an error if all branches give up.
func (h *Host) checkEnd() error {
	if h.schedule.isOver() {
		h.halted = errParked
		return errParked
	}
	if h.schedule.isStopped() {
		h.halted = h.schedule.giveUp(errStopped)
	}
	return h.halted
}
