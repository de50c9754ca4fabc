package ism

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

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
)

// lockWords is the text by which ISM refuses a write to a record that somebody else is editing. It
// comes with different HTTP statuses.
const lockWords = "currently being modified by another user"

// refusal returns the failure that an answer reports. What the answer shows:
//
//	lockWords                       refused; may succeed later
//	403                             refused for good: the tokens, or the user's rights
//	429, 503                        refused; may succeed later
//	any other 5xx                   may have taken effect; may succeed later
//	an error under a good status    refused for good
//	anything else                   refused for good
func refusal(status int, text, retryAfter string) *task.Failure {
	f := &task.Failure{Code: fmt.Sprintf("http_%d", status), Status: status, RetryAfter: task.ParseRetryAfter(retryAfter)}
	f.Message = "ISM answered " + strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
	if text != "" {
		f.Message = "ISM refused: " + text
	}
	switch {
	case strings.Contains(strings.ToLower(text), lockWords):
		f.Code, f.Transient = codeLocked, true
	case status == http.StatusForbidden:
		f.Code = codeForbidden
		f.Message += "; the tokens or the web service user of the ism credential may be wrong, or the user may lack the permission"
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable:
		f.Transient = true
	case status >= 500:
		f.Transient, f.Unknown = true, true
	case status >= 300 && status < 400:
		f.Message += "; app_url may be wrong"
	case status < 300:
		f.Code = codeError
	}
	return f
}

// unreadableAnswer returns the failure for an answer that cannot be understood. Whether the request
// took effect is unknown.
func unreadableAnswer(status int, why string) *task.Failure {
	return &task.Failure{Code: task.CodeNoReply, Message: "ISM's answer cannot be read: " + why, Status: status, Transient: true, Unknown: true}
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

// badInput returns the failure for a parameter's value that is not acceptable.
func badInput(parameter, reason string) *task.Failure {
	return &task.Failure{Code: task.CodeInput, Message: parameter + " " + reason}
}
