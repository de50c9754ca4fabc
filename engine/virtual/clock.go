package virtual

import (
	"sync"
	"time"
)

// A Clock stands still until it is moved. Runs and simulated systems can share one, so that the
// systems age while a run waits.
type Clock struct {
	mu     sync.Mutex
	now    time.Time
	alarms []alarm // in the order in which they were set
}

// An alarm is a function that is called when a Runner moves the clock to a time.
type alarm struct {
	at  time.Time
	act func()
}

// NewClock returns a clock that shows a time.
func NewClock(start time.Time) *Clock { return &Clock{now: start} }

// Now returns the time that the clock shows.
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

// AfterFunc registers a function that a waiting Runner calls when it moves the clock to a later
// time, for example to decide for a person.
func (c *Clock) AfterFunc(d time.Duration, act func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.alarms = append(c.alarms, alarm{c.now.Add(d), act})
}

// next moves the clock to a time (zero means never), or to the first alarm if that comes before it,
// and calls the alarm's function. It returns false if there is neither.
func (c *Clock) next(due time.Time) bool {
	c.mu.Lock()
	first := -1
	for i, a := range c.alarms {
		if (due.IsZero() || a.at.Before(due)) && (first < 0 || a.at.Before(c.alarms[first].at)) {
			first = i
		}
	}
	var act func()
	if first >= 0 {
		due, act = c.alarms[first].at, c.alarms[first].act
		c.alarms = append(c.alarms[:first:first], c.alarms[first+1:]...)
	}
	if due.After(c.now) {
		c.now = due
	}
	c.mu.Unlock()
	if act != nil {
		act()
	}
	return !due.IsZero()
}
