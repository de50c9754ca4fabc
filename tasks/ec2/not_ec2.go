package ec2

import (
	"net/http"

	"errand/engine/task"
)

// A notEC2 is the error for an answer that the SDK cannot read.
type notEC2 struct {
	answer *http.Response
	page   string // what web page it is, or ""
	why    string // why it cannot be read, unless it is a web page; follows "the answer"
}

func (e *notEC2) Error() string { return "the answer " + e.reason() }

func (e *notEC2) reason() string {
	if e.page != "" {
		return "is " + e.page + "; is the address a log-in page?"
	}
	return e.why
}

// failure returns the failure for the answer.
func (e *notEC2) failure() *task.Failure {
	status := e.answer.StatusCode
	if e.page != "" && (status < 200 || status >= 300) {
		return withoutCode(status, e.page, task.RetryAfter(e.answer.Header))
	}
	f := unreadableAnswer("it " + e.reason())
	f.Status = status
	return f
}
