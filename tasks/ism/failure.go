package ism

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"errand/engine/schema"
	"errand/engine/task"
)

// Codes of failures. ISM has no codes: these are derived from the status and the words of an
// answer.
const (
	codeError     = "ism_error"     // a refusal in words, under a good HTTP status
	codeLocked    = "record_locked" // somebody else is editing the record; nothing was written
	codeForbidden = "forbidden"     // 403
	codeEdition   = "edition"       // this edition of ISM has no assets
	codeNotFound  = "not_found"     // no asset has the identifier
	codeExists    = "asset_exists"  // another asset has the identifier
	codeUnknown   = "cannot_tell"   // whether an earlier attempt took effect cannot be found out
	codeTooLong   = "too_long"      // the answer is longer than answerLimit
	codeNotMade   = "not_made"      // ISM accepted a change, but does not show it

	codeMissing  = "ticket_missing"    // there is no such ticket
	codeType     = "ticket_type"       // the ticket is not a service request
	codeFinished = "ticket_finished"   // nobody works on the ticket any more
	codeStatus   = "ticket_status"     // the ticket has another status than expected
	codeApproval = "awaiting_approval" // the ticket waits for an approval
)

// lockWords is the text by which ISM refuses a write to a record that somebody else is editing. It
// comes with different HTTP statuses.
const lockWords = "currently being modified by another user"

// refusal returns the failure that an answer reports, whose error is text. page describes the web
// page that came in place of an error; both may be empty. What the answer shows:
//
//	lockWords                       nothing was done; may succeed later
//	408, 425, 429, 5xx              may have taken effect; may succeed later
//	403                             refused for good: the tokens, or the user's rights
//	any other 4xx                   refused for good
//	an error under a good status    may have taken effect; will not succeed later
//	3xx                             may have taken effect; will not succeed later
//
// Only ISM's lock and a 4xx prove that nothing was done. A gateway answers 429 and 503, too, while
// the request goes on behind it. An error under a good status can be about what ISM does after the
// change, such as sending mail. A redirect can be the usual answer to a form that was accepted.
func refusal(answer *http.Response, page, text string) *task.Failure {
	status := answer.StatusCode
	f := &task.Failure{Code: fmt.Sprintf("http_%d", status), Status: status, RetryAfter: task.RetryAfter(answer.Header)}
	f.Transient, f.Unknown = task.JudgeStatus(status)
	f.Throttled = task.IsThrottle(status, f.RetryAfter)
	f.Message = "ISM answered " + strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
	switch {
	case text != "" && f.Unknown && status >= 300: // it may come from a gateway
		f.Message += ": " + text
	case text != "":
		f.Message = "ISM refused: " + text
	case page != "":
		f.Message += " with " + page
	}
	switch {
	case strings.Contains(strings.ToLower(text), lockWords):
		f.Code, f.Message, f.Transient, f.Unknown = codeLocked, "ISM refused: "+text, true, false
	case status == http.StatusForbidden:
		f.Code = codeForbidden
		f = f.Advised("the tokens or the web service user of the ism credential may be wrong, or the user may lack the permission")
	case status >= 300 && status < 400:
		f = f.Advised("app_url may be wrong")
	case status < 300:
		f.Code = codeError
	}
	for _, name := range []string{"X-Correlation-Id", "X-Request-Id", "Request-Id"} {
		if id := answer.Header.Get(name); id != "" {
			return f.With(task.Detail{Name: task.DetailRequestID, Value: id})
		}
	}
	return f
}

// unreadableAnswer returns the failure for an answer that cannot be understood. Whether the request
// took effect is unknown.
func unreadableAnswer(status int, why string) *task.Failure {
	return &task.Failure{Code: task.CodeNoReply, Message: "ISM's answer cannot be read: " + why, Status: status, Transient: true, Unknown: true}
}

// notMade returns the failure for a change that ISM accepted and that a look does not show.
func notMade(record, status, wanted string) *task.Failure {
	return &task.Failure{
		Code: codeNotMade, Status: http.StatusOK, Transient: true, Unknown: true,
		Message: "ISM accepted the change, but " + record + " is " + schema.Show(status) + ", not " + schema.Show(wanted),
	}
}

// notShown returns the failure for a change that ISM accepted if the look at its result failed.
func notShown(change string, look error) error {
	f, ok := errors.AsType[*task.Failure](look)
	if !ok {
		return look
	}
	unknown := *f
	unknown.Unknown = true
	unknown.Message = "ISM accepted " + change + ", but its result could not be read: " + f.Message
	return &unknown
}

// scrub removes the values of the headers from a text, shortens it and puts it on one line.
func (s *session) scrub(text string) string {
	for _, value := range s.headers {
		if len(value) >= 4 { // shorter values are not secret, and may be parts of words
			text = strings.NewReplacer(value, "…", url.QueryEscape(value), "…").Replace(text)
		}
	}
	const most = 500
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strings.Join(strings.Fields(text), " ")
}

// hasStatus reports whether an error is a failure with one of these HTTP statuses.
func hasStatus(err error, statuses ...int) bool {
	f, ok := errors.AsType[*task.Failure](err)
	for _, status := range statuses {
		if ok && f.Status == status {
			return true
		}
	}
	return false
}

// badInput returns the breach of a rule by a parameter's value.
func badInput(parameter, reason string) *task.Breach {
	return &task.Breach{Parameter: parameter, Reason: reason}
}
