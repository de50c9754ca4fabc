package task

import (
	"strconv"
	"time"
)

// maxRetryAfter is the longest wait that a system may ask for. A longer one is taken for a mistake.
const maxRetryAfter = 24 * time.Hour

// ParseRetryAfter returns the wait that an HTTP header Retry-After asks for. It returns 0 if the
// header is not a number of seconds, or asks for more than a day.
func ParseRetryAfter(header string) time.Duration {
	seconds, err := strconv.Atoi(header)
	if err != nil || seconds < 0 || seconds > int(maxRetryAfter/time.Second) {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
