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

	cancelled bool
}

var _ engine.Host = (*Host)(nil)

// Now is what the clock shows.
func (h *Host) Now() time.Time { return h.Clock.Now() }

// Sleep moves the clock.
func (h *Host) Sleep(d time.Duration) error {
	if h.interrupted() {
		return engine.ErrCancelled
	}
	h.Clock.Advance(d)
	return nil
}

// Call calls the task at once. The clock stands still meanwhile.
func (h *Host) Call(c task.Call) (task.Reply, error) {
	if t, _ := h.Registry.Lookup(c.Type); t.Effect != task.Pure && h.interrupted() {
		return task.Reply{}, engine.ErrCancelled
	}
	return engine.Execute(context.WithoutCancel(h.Context), h.Registry, c), nil
}

// Decide leaves the question open: nobody can be asked.
func (h *Host) Decide(engine.Question) (engine.Decision, error) {
	if h.interrupted() {
		return engine.Decision{}, engine.ErrCancelled
	}
	return engine.Decision{}, engine.ErrUndecided
}

// Emit passes the event on.
func (h *Host) Emit(e engine.Event) {
	if h.Watch != nil {
		h.Watch(e)
	}
}

// interrupted tells once that the context has ended: what follows is the run's own tidying up.
func (h *Host) interrupted() bool {
	if h.cancelled || h.Context.Err() == nil {
		return false
	}
	h.cancelled = true
	return true
}
