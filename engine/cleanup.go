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

// cleanUp calls a function with a host that a cancellation does not stop. It reports whether the
// run was cancelled meanwhile.
func (x *run) cleanUp(act func() error) (cancelled bool, err error) {
	h := x.h
	defer func() { x.h = h }()
	x.h = cleanup{h, new(atomic.Bool)}
	err = act()
	return x.h.(cleanup).cancelled.Load(), err
}

// despiteCancel calls a function again if it returns ErrCancelled, which a host returns once.
func (c cleanup) despiteCancel(act func() error) error {
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
	err := c.Host.Sleep(d)
	if !errors.Is(err, ErrCancelled) {
		return err
	}
	c.cancelled.Store(true)
	if left := due.Sub(c.Now()); left > 0 {
		return c.Host.Sleep(left)
	}
	return nil // nothing is left of the wait; a fork only acknowledges the cancellation
}

// Call implements Host.
func (c cleanup) Call(call task.Call) (reply task.Reply, err error) {
	err = c.despiteCancel(func() error { reply, err = c.Host.Call(call); return err })
	return reply, err
}

// Decide implements Host.
func (c cleanup) Decide(q Question) (d Decision, err error) {
	err = c.despiteCancel(func() error { d, err = c.Host.Decide(q); return err })
	return d, err
}

// Park implements Host.
func (c cleanup) Park(w Wait) error { return c.despiteCancel(func() error { return c.Host.Park(w) }) }
