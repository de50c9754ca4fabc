// Package patience is for fuzz targets that also ask how long an answer takes. That is off unless ERRAND_FUZZ_SLOW is set to a
// duration, since a busy machine would make of every test a test of the machine.
package patience

import (
	"os"
	"testing"
	"time"
)

// Within calls a function. Where ERRAND_FUZZ_SLOW is set it fails the test if the function takes longer than that, three times in
// a row: a machine that looked away once is no fault of the code.
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
