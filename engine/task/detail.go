package task

import (
	"slices"
	"strings"
)

// A Detail is what operators need to find the cause of a failure. It is kept with the attempt, and
// shown in events and in the record of a run. It is never part of a message, so no expression and
// no ticket contains it.
type Detail struct {
	Name  string `json:"name"` // one of the names below
	Value string `json:"value"`
}

// The names of details.
const (
	DetailRequestID = "request_id" // the system's id of the request
	// DetailAuthorization is a message of AWS about a missing permission, which AWS decodes.
	DetailAuthorization = "authorization_message"
	DetailAdvice        = "advice" // what to look at: a credential, a path, the clock
	DetailReason        = "reason" // what happened on this machine, or on the way
)

// With returns the failure with another detail, unless its value is empty.
func (f *Failure) With(d Detail) *Failure {
	if d.Value == "" {
		return f
	}
	more := *f
	more.Details = append(slices.Clip(f.Details), d)
	return &more
}

// Advised returns the failure with advice for operators, unless it is empty.
func (f *Failure) Advised(advice string) *Failure {
	return f.With(Detail{Name: DetailAdvice, Value: advice})
}

// ForOperators returns the message with the reason and the advice. It is for people who can act on
// them, such as those who test a credential.
func (f *Failure) ForOperators() string {
	var text strings.Builder
	text.WriteString(f.Message)
	for _, d := range f.Details {
		switch d.Name {
		case DetailReason:
			text.WriteString(": " + d.Value)
		case DetailAdvice:
			text.WriteString("; " + d.Value)
		}
	}
	return text.String()
}
