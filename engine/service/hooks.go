package service

import (
	"errors"
	"fmt"
	"net/http"

	"errand/engine/intake"
	"errand/engine/pattern"
	"errand/tasks/webhook"
)

// hookName is the pattern of a webhook's name, which is that of a credential.
var hookName = pattern.New(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)

// receive takes a message of a webhook. Its body is taken byte by byte, because it is signed; what it
// must look like is what the rules of the webhook say. A message that comes again gets the same answer.
func receive(s *Server, c *call) (answer, error) {
	name := c.http.PathValue("name")
	if s.Hooks == nil || !hookName.MatchString(name) {
		return answer{}, problemOfHook(ErrNoHook)
	}
	if err := checkMedia(c.http.Header); err != nil {
		return answer{}, err
	}
	body, err := readAll(c)
	if err != nil {
		return answer{}, err
	}
	r, err := s.Hooks.Receive(c.context(), name, c.http.Header, body)
	if err != nil {
		return answer{}, problemOfHook(err)
	}
	switch r.Result {
	case intake.Unfit, intake.Failed:
		p := unfit("the message starts nothing", nil)
		for _, misfit := range r.Misfits {
			p.Problems = append(p.Problems, FieldProblem{Message: misfit})
		}
		return answer{}, p
	case intake.Conflict:
		return answer{}, &Problem{Status: http.StatusConflict, Code: "conflict", Detail: r.Misfits[0], Run: r.Run, Workflow: r.Workflow, Request: r.Request, Hint: "nothing was started: intake starts each request once"}
	}
	return answer{status: http.StatusOK, body: r}, nil
}

// problemOfHook returns the problem of a message that was not taken. A message that is not signed and
// a webhook that does not exist have the same one: nobody learns which webhooks there are.
func problemOfHook(err error) error {
	if signature, ok := errors.AsType[*webhook.SignatureError](err); ok {
		return &Problem{Status: http.StatusUnauthorized, Code: "signature", Detail: "the message is not signed as expected", Hint: signature.Reason}
	}
	if paused, ok := errors.AsType[*intake.PausedError](err); ok {
		return &Problem{Status: http.StatusServiceUnavailable, Code: "paused", Detail: fmt.Sprintf("%s is paused", paused.Name), Hint: "nothing was put on record; send the message again later", retryAfter: retryLater}
	}
	if errors.Is(err, ErrNoHook) {
		return &Problem{Status: http.StatusUnauthorized, Code: "signature", Detail: "the message is not signed as expected", Hint: "no signature fits the message"}
	}
	return err
}
