// Package patience bounds the time of a fuzz target's answers. The bound is off unless
// ERRAND_FUZZ_SLOW is set to a duration, since on a busy machine it would test the machine instead
// of the code.
package patience

import (
	"os"
	"testing"
	"time"
)

// Within calls a function. If ERRAND_FUZZ_SLOW is set, it fails the test if the function takes
// longer than that three times in a row: a single slow call may be due to the machine.
func Within(t testing.TB, what string, f func()) {
	t.Helper()
	limit, err := time.ParseDuration(os.Getenv("ERRAND_FUZZ_SLOW"))
	if err != nil {
		f()
		return
	}
	var took time.Duration
	for range 3 {
		start := time.Now()
		f()
		if took = time.Since(start); took <= limit {
			return
		}
	}
	t.Fatalf("%s takes %s", what, took)
}
