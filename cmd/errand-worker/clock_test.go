package main_test

import (
	"sync"
	"time"
)

// A clock is that of a sandbox and of the tasks that act on it. It stands still, and jumps to the end of
// each wait of the run. So a run finds its systems at the same times whatever carries it out, and no matter
// how long that takes.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// jump moves the clock to a time, unless that has passed.
func (c *clock) jump(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if to.After(c.now) {
		c.now = to
	}
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
