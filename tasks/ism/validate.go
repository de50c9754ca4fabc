package ism

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"errand/engine/task"
)

// validate tries a credential out by two reads: of a worklog, any, which every edition has, and of an asset that nobody has.
func (s *system) validate(ctx context.Context, name string) []task.Check {
	a, err := s.access(ctx, name)
	if err != nil {
		message := err.Error()
		if f, ok := errors.AsType[*task.Failure](err); ok {
			message = f.Message
		}
		return []task.Check{{Message: message}}
	}
	session := s.session(a)
	_, err = session.read(ctx, a.paths.Worklogs, url.Values{"$top": {"1"}, "$format": {"json"}})
	checks, accepted := readChecks(err)
	if !accepted {
		return checks
	}
	_, err = session.asset(ctx, "errand-validate")
	switch f, _ := errors.AsType[*task.Failure](err); {
	case f == nil:
	case f.Code == codeEdition: // a site of the Service Desk edition is as good as another for all that needs no assets
		checks = append(checks, task.Check{OK: true, Message: f.Message})
	default:
		checks = append(checks, task.Check{Message: "assets cannot be read: " + f.Message})
	}
	return checks
}

// readable reads the answer to the first read, and tells whether the credential is accepted. Which of the four values that go
// with a request is wrong, ISM does not say.
func readChecks(err error) (checks []task.Check, accepted bool) {
	f, _ := errors.AsType[*task.Failure](err)
	about := func(ok bool, message string, parameters ...string) {
		for _, p := range parameters {
			checks = append(checks, task.Check{Parameter: p, OK: ok, Message: message})
		}
	}
	senders := []string{userToken, sliceToken, userName, userPassword}
	switch {
	case f == nil:
		about(true, "is reached", appURL)
		about(true, "is accepted", senders...)
	case f.Status == http.StatusForbidden || f.Status == http.StatusUnauthorized:
		about(true, "is reached", appURL)
		about(false, "is refused, or one of the others is: "+f.Message, senders...)
	case f.Code == task.CodeUnreachable || f.Code == task.CodeNoReply && f.Status == 0:
		about(false, "is not reached: "+f.Message, appURL)
	case f.Code == task.CodeNoReply || f.Status == http.StatusNotFound || f.Status >= 300 && f.Status < 400:
		about(false, "is reached, but there is no ISM web service below it: "+f.Message, appURL)
	default:
		about(false, f.Message, "")
	}
	return checks, f == nil
}
