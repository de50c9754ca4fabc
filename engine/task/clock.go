package task

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// A Clock compares the clock of this machine with those of the systems that answer. A connector
// reports the header of each answer with NoteDate. A Clock is safe for concurrent use.
type Clock struct {
	mu    sync.Mutex
	ahead time.Duration
	known bool
}

type clockKey struct{}

// WatchClock returns a context for requests, and the Clock that is set by their answers.
func WatchClock(ctx context.Context) (context.Context, *Clock) {
	c := new(Clock)
	return context.WithValue(ctx, clockKey{}, c), c
}

// NoteDate notes the header Date of an answer that has just come. Without a Clock in the context,
// or without a date that can be read, it does nothing.
func NoteDate(ctx context.Context, answer http.Header) {
	c, _ := ctx.Value(clockKey{}).(*Clock)
	sent, err := http.ParseTime(answer.Get("Date"))
	if c == nil || err != nil {
		return
	}
	ahead := time.Since(sent)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known || ahead.Abs() < c.ahead.Abs() { // the answers in between took time
		c.ahead, c.known = ahead, true
	}
}

// Ahead returns how far the clock of this machine is ahead of the systems' clocks; it is negative if
// the clock is behind. The difference is exact to about a second. known reports whether an answer
// had a date.
func (c *Clock) Ahead() (ahead time.Duration, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ahead, c.known
}
