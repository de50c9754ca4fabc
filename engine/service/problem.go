package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"

	"errand/engine"
)

// A Problem is an answer that is no success, as RFC 9457 shapes it. Type is urn:errand:problem: and
// the code.
type Problem struct {
	Type     string         `json:"type"`
	Title    string         `json:"title"` // the same for every problem of a code
	Status   int            `json:"status"`
	Detail   string         `json:"detail"` // a sentence
	Code     string         `json:"code"`
	Hint     string         `json:"hint,omitempty"` // what may be done instead
	Run      string         `json:"run,omitempty"`
	Step     string         `json:"step,omitempty"`
	Steps    []string       `json:"steps,omitempty"`    // that can be named instead
	Inputs   map[string]any `json:"inputs,omitempty"`   // of the run with which an order is in conflict
	Decision *decision      `json:"decision,omitempty"` // the one that holds
	Problems []FieldProblem `json:"problems,omitempty"` // what is wrong with what was sent
	Workflow string         `json:"workflow,omitempty"` // of the run
	Request  string         `json:"request,omitempty"`

	retryAfter int   // seconds; 0: there is no such header
	cause      error // for the log; may be nil
}

// A FieldProblem is one thing that is wrong with a body or a query.
type FieldProblem struct {
	Field   string `json:"field"` // such as inputs.instance_id; empty: the whole
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// A decision is one that a person has made.
type decision struct {
	Verdict engine.Verdict `json:"verdict"`
	By      engine.Person  `json:"by,omitzero"`
	Comment string         `json:"comment,omitempty"`
}

func (p *Problem) Error() string {
	if p.cause != nil {
		return p.Detail + ": " + p.cause.Error()
	}
	return p.Detail
}

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.cause }

// problemOf returns the problem of an error. An error that is none of the known kinds says nothing
// about itself to the caller.
func problemOf(err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	if refusal, ok := errors.AsType[*engine.Refusal](err); ok {
		return refused(refusal)
	}
	if trouble, ok := errors.AsType[*engine.Trouble](err); ok {
		return troubled(trouble)
	}
	return &Problem{Status: http.StatusInternalServerError, Code: "internal", Detail: "the request could not be carried out", Hint: "the log of the service says why"}
}

// refused words a refusal of a runner.
func refused(r *engine.Refusal) *Problem {
	w, known := refusals[r.Code]
	if !known { // another runner may have codes of its own
		w = wording{http.StatusConflict, ""}
	}
	p := &Problem{Status: w.status, Code: string(r.Code), Detail: r.Error(), Hint: w.hint, Run: r.Run, Step: r.Step, Steps: r.Steps, Workflow: r.Workflow, Request: r.Request}
	if r.Decision != nil {
		p.Decision = &decision{r.Decision.Verdict, r.Decision.By, r.Decision.Comment}
	}
	if len(r.Inputs) > 0 {
		_ = json.Unmarshal(r.Inputs, &p.Inputs) // they are an object
	}
	if w.status == http.StatusServiceUnavailable {
		p.retryAfter = retryLater
	}
	return p
}

// troubled words a trouble of this machine.
func troubled(t *engine.Trouble) *Problem {
	if t.Code == engine.TroubleDamaged {
		return &Problem{Status: http.StatusConflict, Code: string(t.Code), Detail: t.Error(), Run: t.Run, Hint: "an administrator can see what is left of it on the machine of the service"}
	}
	return &Problem{
		Status: http.StatusServiceUnavailable, Code: string(t.Code), Detail: "this machine is in trouble: " + t.Error(), Run: t.Run,
		Hint: "nothing was changed; try again when an administrator has mended it", retryAfter: retryLater,
	}
}

// unreadable is the problem of a store of the service that cannot be read or written, such as the one
// of the tokens. The log says why.
func unreadable(what string, err error) *Problem {
	return &Problem{
		cause:  fmt.Errorf("%s: %w", what, err),
		Status: http.StatusServiceUnavailable, Code: string(engine.TroubleStore), Detail: "this machine is in trouble: " + what + " failed",
		Hint: "nothing was changed; try again when an administrator has mended it", retryAfter: retryLater,
	}
}

// retryLater is when a caller may try again, in seconds, if nothing says when.
const retryLater = 30

// maxProblems is how many things a problem lists that are wrong with what was sent: the answer to a
// small body must not be large.
const maxProblems = 100

// errGone is the problem of a request whose caller has gone. Few read it: those who have closed only
// their half of the connection.
var errGone = &Problem{Status: http.StatusServiceUnavailable, Code: "gone", Detail: "the caller ended the request before it was answered", Hint: "what it asked for may be done; read it before you repeat it"}

// logFailure logs why a request failed. A caller that is gone is no fault of the service.
func (s *Server) logFailure(r *http.Request, status int, err error) {
	level := slog.LevelError
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		level = slog.LevelDebug
	}
	s.Log.Log(r.Context(), level, "a request failed", slog.String("method", r.Method), slog.String("route", r.Pattern), slog.Int("status", status), slog.Any("error", err))
}

// fail answers with the problem of an error.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := *problemOf(err)
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		p = *errGone
	}
	p.Type, p.Title = "urn:errand:problem:"+p.Code, http.StatusText(p.Status)
	if more := len(p.Problems) - maxProblems; more > 0 {
		p.Problems = append(slices.Clone(p.Problems[:maxProblems]), FieldProblem{Message: fmt.Sprintf("%d more problems are not listed", more)})
	}
	if p.Status >= http.StatusInternalServerError {
		s.logFailure(r, p.Status, err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	switch {
	case p.Status == http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="errand"`)
	case p.Status == http.StatusRequestEntityTooLarge:
		h.Set("Connection", "close") // nobody reads the rest of the body
	case p.retryAfter > 0:
		h.Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	if err := writeJSON(w, p.Status, p); err != nil {
		s.Log.Debug("a problem was not taken", slog.String("route", r.Pattern), slog.Any("error", err))
	}
}
