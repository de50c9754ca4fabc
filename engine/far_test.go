package engine

import (
	"math"
	"testing"
	"time"

	"errand/engine/program"
	"errand/engine/task"
)

// Waits between attempts grow up to their longest, however long that is: a sum that does not fit
// would be a wait in the past.
func TestBackoffNeverWrapsAround(t *testing.T) {
	for _, longest := range []time.Duration{time.Minute, math.MaxInt64 / 2, math.MaxInt64 - 1, math.MaxInt64} {
		for failures := 1; failures < 200; failures++ {
			wait := backoff(program.Retry{Shortest: time.Second, Longest: longest}, task.Call{Run: "r", Step: "s", Attempt: failures}, failures)
			if wait <= 0 || wait > longest {
				t.Fatalf("after failure %d, at most %s: %s", failures, longest, wait)
			}
		}
	}
}
