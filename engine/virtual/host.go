// Package virtual is the host for runs that must not take time: a clock that moves when somebody sleeps. The sandbox and the
// golden tests run on it.
package virtual

import (
	"context"
	"sync"
	"time"

	"errand/engine"
	"errand/engine/task"
)

// A Clock stands still until it is told to move. It may be shared, so that a simulated system ages while a run waits.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that shows a time.
func NewClock(start time.Time) *Clock { return &Clock{now: start} }

// Now is what the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock forward.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// A Host runs one run against a Clock. It implements engine.Host.
type Host struct {
	Context  context.Context // for the tasks; its end cancels the run before its next effect
	Clock    *Clock
	Registry *task.Registry
	Watch    func(engine.Event) // may be nil

	// Answer decides for the persons who are asked, after some time; false leaves the question open. May be nil.
	Answer func(engine.Question) (d engine.Decision, after time.Duration, ok bool)

	cancelled bool
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
	if h.interrupted() {
		return engine.ErrCancelled
	}
	if h.schedule == nil {
		h.Clock.Advance(d)
		return nil
	}
	h.schedule.wait(h, h.Now().Add(d))
	if h.interrupted() {
		return engine.ErrCancelled
	}
	return nil
}

// Call calls the task at once. The clock stands still meanwhile.
func (h *Host) Call(c task.Call) (task.Reply, error) {
	if t, _ := h.Registry.Lookup(c.Type); t.Effect != task.Pure && h.interrupted() {
		return task.Reply{}, engine.ErrCancelled
	}
	return engine.Execute(context.WithoutCancel(h.Context), h.Registry, c), nil
}

// Decide asks Answer. A question that nobody answers is open until its time has passed.
func (h *Host) Decide(q engine.Question) (engine.Decision, error) {
	if h.interrupted() {
		return engine.Decision{}, engine.ErrCancelled
	}
	if h.Answer != nil {
		if d, after, ok := h.Answer(q); ok && (q.Until.IsZero() || h.Now().Add(after).Before(q.Until)) {
			return d, h.Sleep(after)
		}
	}
	if q.Until.IsZero() {
		h.halted = engine.ErrUndecided
		return engine.Decision{}, engine.ErrUndecided
	}
	if err := h.Sleep(max(0, q.Until.Sub(h.Now()))); err != nil {
		return engine.Decision{}, err
	}
	return engine.Decision{Verdict: engine.VerdictExpired}, nil
}

// Emit passes the event on.
func (h *Host) Emit(e engine.Event) {
	if h.Watch != nil {
		e.Branch = h.path
		h.Watch(e)
	}
}

// interrupted tells once that the run or the branch is to be cancelled: what follows is the run's own tidying up.
func (h *Host) interrupted() bool {
	if !h.toCancel() {
		return false
	}
	h.cancelled = true
	return true
}
