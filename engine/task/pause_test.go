package task_test

import (
	"errors"
	"testing"
	"time"

	"errand/engine/task"
)

var errOther = errors.New("no answer")

func TestPauseAfterFailures(t *testing.T) {
	for _, c := range []struct {
		every    time.Duration
		failures int
		err      error
		want     time.Duration
	}{
		{30 * time.Second, 0, nil, 30 * time.Second},
		{30 * time.Second, 1, errOther, time.Minute},
		{30 * time.Second, 2, errOther, 2 * time.Minute},
		{30 * time.Second, 30, errOther, 5 * time.Minute},
		{time.Hour, 3, errOther, time.Hour},
		{30 * time.Second, 1, &task.Failure{RetryAfter: 10 * time.Minute}, 10 * time.Minute},
		{30 * time.Second, 1, &task.Failure{RetryAfter: 100 * time.Hour}, time.Hour},
	} {
		if got := task.Pause(c.every, c.failures, c.err); got != c.want {
			t.Errorf("every %s, %d failures, %v: %s, expected %s", c.every, c.failures, c.err, got, c.want)
		}
	}
}
