package ism

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"errand/engine/task"
)

// Codes of failures. ISM has none of its own: these are made of an answer's status and words.
const (
	codeError     = "ism_error"     // a refusal in words, under a good HTTP status
	codeLocked    = "record_locked" // somebody else holds the record: nothing was written
	codeForbidden = "forbidden"     // 403
	codeEdition   = "edition"       // the edition has no assets
	codeNotFound  = "not_found"     // nothing has the identifier
	codeExists    = "asset_exists"  // an asset has the identifier already
	codeUnknown   = "cannot_tell"   // whether an earlier attempt took effect cannot be looked up
)

// lockWords are in the refusal of a write to a record that somebody else holds, whatever the HTTP status.
const lockWords = "currently being modified by another user"

// refusal is the failure that an answer tells of. What is known of it:
//
//	the lock's words                refused; may succeed later
//	403                             refused for good: the tokens, or the user's rights
//	429, 503                        refused; may succeed later
//	any other 5xx                   it may have taken effect; may succeed later
//	an error under a good status    refused for good
//	anything else                   refused for good
func refusal(status int, text, retryAfter string) *task.Failure {
	f := &task.Failure{Code: fmt.Sprintf("http_%d", status), Status: status, RetryAfter: parseRetryAfter(retryAfter)}
	f.Message = "ISM answered " + strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
	if text != "" {
		f.Message = "ISM refused: " + text
	}
	switch {
	case strings.Contains(strings.ToLower(text), lockWords):
		f.Code, f.Transient = codeLocked, true
	case status == http.StatusForbidden:
		f.Code = codeForbidden
		f.Message += "; the tokens or the web service user of the ism credential may be wrong, or lack the right"
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

// unreadable is the failure where an answer came that cannot be understood: whether the request took effect is not known.
func unreadableAnswer(status int, why string) *task.Failure {
	return &task.Failure{Code: task.CodeNoReply, Message: "ISM's answer cannot be read: " + why, Status: status, Transient: true, Unknown: true}
}

// unsettled marks a failure of a look that was to settle what an earlier attempt did: that is still not known.
func asUnknown(err error) error {
	if f, ok := errors.AsType[*task.Failure](err); ok {
		open := *f
		open.Unknown = true
		return &open
	}
	return err
}

// scrub takes the headers' values out of a text, and cuts what is long.
func (s *session) scrub(text string) string {
	for _, value := range s.headers {
		if len(value) >= 4 { // shorter ones are no secrets, and parts of words
			text = strings.NewReplacer(value, "…", url.QueryEscape(value), "…").Replace(text)
		}
	}
	const most = 500
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strings.Join(strings.Fields(text), " ")
}

func parseRetryAfter(retryAfter string) time.Duration {
	n, err := strconv.Atoi(retryAfter)
	if err != nil || n < 0 || n > 24*60*60 {
		return 0
	}
	return time.Duration(n) * time.Second
}

func hasStatus(err error, statuses ...int) bool {
	f, ok := errors.AsType[*task.Failure](err)
	for _, status := range statuses {
		if ok && f.Status == status {
			return true
		}
	}
	return false
}

func badInput(parameter, reason string) *task.Failure {
	return &task.Failure{Code: task.CodeInput, Message: parameter + " " + reason}
}
