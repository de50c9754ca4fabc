package task

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longestRetryAfter limits the wait that a system may ask for. A longer one is shortened, because
// it is a mistake, and because times after 2262 cannot be stored.
const longestRetryAfter = 365 * 24 * time.Hour

// RetryAfter returns the wait that the header Retry-After of an answer asks for. The header is a
// number of seconds, or a date. A date is compared with the answer's own Date, because the clocks
// of the two machines may differ; if the answer has no Date, with the clock of this machine.
// RetryAfter returns 0 if there is no such header, or if it cannot be read or lies in the past.
func RetryAfter(answer http.Header) time.Duration {
	value := strings.TrimSpace(answer.Get("Retry-After"))
	if digits := strings.TrimLeft(value, "0123456789"); value != "" && digits == "" {
		seconds, err := strconv.Atoi(value)
		if err != nil || seconds > int(longestRetryAfter/time.Second) {
			return longestRetryAfter
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	sent, err := http.ParseTime(answer.Get("Date"))
	if err != nil {
		sent = time.Now()
	}
	return min(max(at.Sub(sent), 0), longestRetryAfter)
}
