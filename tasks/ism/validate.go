package ism

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"errand/engine/task"
)

// validate tries a credential by two reads: one worklog, which every edition has, and an asset that
// does not exist.
func (s *system) validate(ctx context.Context, name string) []task.Check {
	a, err := s.access(ctx, name)
	if err != nil {
		message := err.Error()
		if f, ok := errors.AsType[*task.Failure](err); ok {
			message = f.ForOperators()
		}
		return []task.Check{{Message: message}}
	}
	session := s.session(a)
	_, err = session.read(ctx, a.paths.Worklogs, url.Values{"$top": {"1"}, "$format": {"json"}})
	checks, accepted := readChecks(err)
	checks = append(checks, checkEvidenceDelay(a.evidenceDelay)...)
	if !accepted {
		return checks
	}
	err = session.checkAssets(ctx)
	switch f, _ := errors.AsType[*task.Failure](err); {
	case f == nil:
	case f.Code == codeEdition: // the Service Desk edition is good for everything but assets
		checks = append(checks, task.Check{OK: true, Message: f.ForOperators()})
	default:
		checks = append(checks, task.Check{Message: "assets cannot be read: " + f.ForOperators()})
	}
	return checks
}

// readChecks converts the answer to the first read, and reports whether the credential is accepted.
// ISM does not say which of the four values in a request is wrong.
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
		about(true, "is reachable", appURL)
		about(true, "is accepted", senders...)
	case f.Status == http.StatusForbidden || f.Status == http.StatusUnauthorized:
		about(true, "is reachable", appURL)
		about(false, "is refused, or one of the other three is: "+f.ForOperators(), senders...)
	case f.Code == task.CodeUnreachable || f.Code == task.CodeNoReply && f.Status == 0:
		checks = append(checks, task.Check{Parameter: appURL, Unreachable: true, Message: "is not reachable: " + f.ForOperators()})
	case f.Code == task.CodeNoReply || f.Status == http.StatusNotFound || f.Status >= 300 && f.Status < 400:
		about(false, "is reachable, but there is no ISM web service below it: "+f.ForOperators(), appURL)
	default:
		about(false, f.ForOperators(), "")
	}
	return checks, f == nil
}
