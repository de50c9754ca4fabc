package console

import (
	"context"
	"sync"
	"time"
)

// A Finding is the result of one check of the home, the credentials or the systems.
type Finding struct {
	What    string
	Message string
	Hint    string // a command that helps; may be empty
	OK      bool
	Warning bool // of OK: something is likely to go wrong all the same
}

// State returns how a finding stands.
func (f Finding) State() state {
	switch {
	case !f.OK:
		return marked("needs attention", "bad")
	case f.Warning:
		return marked("warning", "ask")
	}
	return marked("fine", "good")
}

// examined are the findings of a check.
type examined struct {
	At       time.Time // zero: nothing was checked since the service started
	Findings []Finding
}

// checks remember what the last check found. A check calls other systems, so it is made when an
// administrator asks for it, and at most once a minute.
type checks struct {
	mu     sync.Mutex // guards is
	is     examined
	making sync.Mutex // held by who makes a check
}

const (
	checkLasts = 20 * time.Second
	checkEvery = time.Minute
)

func (k *checks) last() examined {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.is
}

// checkNow makes a check, unless there is one that is still fresh or under way.
func checkNow(c *Console, v *visit) error {
	if _, err := v.form(); err != nil {
		return err
	}
	if c.Examine == nil {
		return errNoPage
	}
	if c.checks.making.TryLock() {
		defer c.checks.making.Unlock()
		if at := c.checks.last().At; at.IsZero() || c.now().Sub(at) >= checkEvery {
			c.check(v.context())
		}
	}
	c.redirect(v, "/about#findings")
	return nil
}

func (c *Console) check(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, checkLasts)
	defer cancel()
	found := c.Examine(limited)
	if ctx.Err() != nil {
		return // the browser has gone, and the findings say no more than that
	}
	c.checks.mu.Lock()
	defer c.checks.mu.Unlock()
	c.checks.is = examined{c.now(), found}
}
