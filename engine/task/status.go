package task

import (
	"net/http"
	"time"
)

// JudgeStatus reports what the HTTP status of a failed request shows: whether the same request may
// succeed later, and whether it may have taken effect. Only a 4xx proves that nothing was done,
// except 408, 425 and 429, which gateways send while the request goes on behind them.
func JudgeStatus(status int) (transient, unknown bool) {
	switch {
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= 500:
		return true, true
	case status >= 400:
		return false, false
	}
	return false, true
}

// IsThrottle reports whether an HTTP status means that there were too many requests: 429, or 503
// with the header Retry-After, whose value is wait. A 503 without it may mean anything.
func IsThrottle(status int, wait time.Duration) bool {
	return status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable && wait > 0
}
