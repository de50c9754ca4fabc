package task

import "net/http"

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
