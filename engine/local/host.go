// Package local is the host that carries out runs in this process, in real time.
package local

import (
	"context"
	"time"

	"errand/engine"
	"errand/engine/task"
)

// A Host runs one run. It implements engine.Host.
type Host struct {
	Context  context.Context // its end cancels the run before its next effect; a call that is under way is let finish
	Registry *task.Registry
	Watch    func(engine.Event) // may be nil

	cancelled bool
}

var _ engine.Host = (*Host)(nil)

// Now is the wall clock, without its monotonic part: a time that is stored and read again must be the same time.
func (h *Host) Now() time.Time { return time.Now().Round(0).UTC() }

// Sleep waits, or returns engine.ErrCancelled when the context ends meanwhile.
func (h *Host) Sleep(d time.Duration) error {
	if h.cancelled {
		time.Sleep(d)
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-h.Context.Done():
		h.cancelled = true
		return engine.ErrCancelled
	}
}

// Call calls the task. The call is not interrupted by the run's cancelling, since its outcome would not be known; it ends with the
// step's time.
func (h *Host) Call(c task.Call) (task.Reply, error) {
	if !h.cancelled && h.Context.Err() != nil {
		h.cancelled = true
		return task.Reply{}, engine.ErrCancelled
	}
	ctx := context.WithoutCancel(h.Context)
	if !c.Deadline.IsZero() {
		var stop context.CancelFunc
		ctx, stop = context.WithDeadline(ctx, c.Deadline)
		defer stop()
	}
	return engine.Execute(ctx, h.Registry, c), nil
}

// Emit passes the event on.
func (h *Host) Emit(e engine.Event) {
	if h.Watch != nil {
		h.Watch(e)
	}
}
