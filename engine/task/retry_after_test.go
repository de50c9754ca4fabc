package task_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine/task"
)

func TestRetryAfter(t *testing.T) {
	const year = 365 * 24 * time.Hour
	date := "Wed, 21 Oct 2026 07:28:00 GMT"
	for _, c := range []struct {
		header, date string
		want         time.Duration
	}{
		{"0", "", 0}, {"7", "", 7 * time.Second}, {" 7 ", "", 7 * time.Second}, {"86401", "", 86401 * time.Second},
		{"99999999999", "", year}, {"99999999999999999999999", "", year},
		{"", "", 0}, {"-1", "", 0}, {"1.5", "", 0}, {"soon", "", 0},
		{"Wed, 21 Oct 2026 07:28:06 GMT", date, 6 * time.Second},
		{"Wednesday, 21-Oct-26 07:28:06 GMT", date, 6 * time.Second},
		{"Wed Oct 21 07:28:06 2026", date, 6 * time.Second},
		{"Fri, 23 Oct 2026 07:28:00 GMT", date, 48 * time.Hour},
		{"Wed, 21 Oct 2026 07:27:59 GMT", date, 0},
		{"Fri, 31 Dec 9999 23:59:59 GMT", date, year},
	} {
		answer := http.Header{"Retry-After": {c.header}, "Date": {c.date}}
		if got := task.RetryAfter(answer); got != c.want {
			t.Errorf("%q at %q: got %s, want %s", c.header, c.date, got, c.want)
		}
	}
}

// An answer without a date is compared with the clock of this machine.
func TestRetryAfterWithoutADate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := time.Now().Add(6 * time.Second).UTC().Format(http.TimeFormat)
		if got := task.RetryAfter(http.Header{"Retry-After": {at}}); got != 6*time.Second {
			t.Errorf("got %s, want 6s", got)
		}
	})
}
