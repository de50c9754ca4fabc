package main_test

import (
	"sync"
	"time"
)

// A clock is that of a sandbox and of the tasks that act on it. It goes as fast as the real one, and
// jumps to the end of a wait when the wait is over, because real waits are shorter than the tasks ask
// for.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration // of the real clock
}

// newClock returns a clock that shows a time.
func newClock(start time.Time) *clock { return &clock{ahead: time.Until(start)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead).UTC()
}

// jump moves the clock to a time, unless that has passed.
func (c *clock) jump(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead = max(c.ahead, time.Until(to))
}

// shorter returns how long a wait takes in reality. All long waits take the same time, so that runners
// whose runs are not equally fast wait equally long for a time that both know.
func shorter(wait time.Duration) time.Duration {
	const fastest, longest = 20, time.Second
	if whole := wait.Round(time.Second); whole > 0 {
		return min(whole/fastest+20*time.Millisecond, longest)
	}
	return wait
}
