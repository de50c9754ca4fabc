package task_test

import (
	"testing"
	"time"

	"errand/engine/task"
)

func TestParseRetryAfter(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"0": 0, "7": 7 * time.Second, "86400": 24 * time.Hour,
		"": 0, "-1": 0, "86401": 0, "1.5": 0, "Wed, 21 Oct 2026 07:28:00 GMT": 0, "99999999999999999999": 0,
	} {
		if got := task.ParseRetryAfter(header); got != want {
			t.Errorf("%q: got %s, want %s", header, got, want)
		}
	}
}
