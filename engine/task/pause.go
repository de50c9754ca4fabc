package task

import (
	"context"
	"errors"
	"time"
)

const (
	// longestPause is the longest pause after a failure, if a system is asked more often than that.
	longestPause = 5 * time.Minute
	// longestAskedPause is the longest pause that a system may ask for.
	longestAskedPause = time.Hour
)

// Pause returns the time until a system that is asked regularly is asked again. That is every, doubled with
// each failure since the last answer, up to longestPause. err is the last failure, which may ask for a longer
// pause, up to longestAskedPause.
func Pause(every time.Duration, failures int, err error) time.Duration {
	pause := every
	for range failures {
		pause = min(2*pause, max(every, longestPause))
	}
	if f, ok := errors.AsType[*Failure](err); ok {
		pause = max(pause, min(f.RetryAfter, longestAskedPause))
	}
	return pause
}

// Wait waits for a time, or until ctx ends.
func Wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
