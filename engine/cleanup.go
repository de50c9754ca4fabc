package engine

import (
	"errors"
	"sync/atomic"
	"time"

	"errand/engine/task"
)

// A cleanup is the host of undo and `finally`. A cancellation does not stop them: the host consumes
// ErrCancelled and acts all the same. Branches of a cleanup have their own hosts, which return
// ErrCancelled, since a branch that fails cancels the others.
type cleanup struct {
	Host
	cancelled *atomic.Bool // ErrCancelled was consumed, here or in a branch
}

// cleaningUp runs a function with a host that is not cancelled. It reports whether the run was
// cancelled meanwhile.
func (x *run) cleaningUp(clean func() error) (cancelled bool, err error) {
	h := x.h
	defer func() { x.h = h }()
	x.h = cleanup{h, new(atomic.Bool)}
	err = clean()
	return x.h.(cleanup).cancelled.Load(), err
}

// insist calls a function again if it returns ErrCancelled, which a host returns once.
func (c cleanup) insist(act func() error) error {
	err := act()
	if errors.Is(err, ErrCancelled) {
		c.cancelled.Store(true)
		err = act()
	}
	return err
}

// Sleep implements Host.
func (c cleanup) Sleep(d time.Duration) error {
	due := c.Now().Add(d)
	return c.insist(func() error { return c.Host.Sleep(max(0, due.Sub(c.Now()))) })
}

// Call implements Host.
func (c cleanup) Call(call task.Call) (reply task.Reply, err error) {
	err = c.insist(func() error { reply, err = c.Host.Call(call); return err })
	return reply, err
}

// Decide implements Host.
func (c cleanup) Decide(q Question) (d Decision, err error) {
	err = c.insist(func() error { d, err = c.Host.Decide(q); return err })
	return d, err
}

// Park implements Host.
func (c cleanup) Park(w Wait) error { return c.insist(func() error { return c.Host.Park(w) }) }
