package task

import (
	"encoding/json"
	"fmt"
	"time"
)

// A Reply is what a call came to: exactly one of its members is set.
type Reply struct {
	Output  json.RawMessage `json:"output,omitempty"` // an object that fits the type's Output
	Again   *Again          `json:"again,omitempty"`
	Failure *Failure        `json:"failure,omitempty"`
}

// Again means "not done yet": the same step is called once more After so long, with Note. It is not a failure and counts as no
// attempt. A task returns it as its error.
type Again struct {
	After time.Duration `json:"after"` // in nanoseconds; 0 means at once
	Note  string        `json:"note,omitempty"`

	// Settled says that the effect took place and was answered: the calls that follow have Call.Settled, and only read.
	Settled bool `json:"settled,omitempty"`
}

func (a *Again) Error() string { return fmt.Sprintf("not done yet, again after %s", a.After) }

// A Failure is an answer of a remote system, or its absence, as data. A task returns it as its error.
type Failure struct {
	Code       string        `json:"code"`                  // the system's own, such as "IncorrectInstanceState"; or one of the Code constants
	Message    string        `json:"message"`               // for the requester's worklog: says what was refused, holds no secret
	Status     int           `json:"status,omitempty"`      // the HTTP status of the answer; 0 where there was none
	Transient  bool          `json:"transient,omitempty"`   // the same request may succeed later
	Unknown    bool          `json:"unknown,omitempty"`     // the request left and may have taken effect
	RetryAfter time.Duration `json:"retry_after,omitempty"` // in nanoseconds: what the system asked for, at least
}

// Codes of failures that no remote system names.
const (
	CodeTimeout     = "timeout"     // the step's time was up
	CodeUnreachable = "unreachable" // no connection: the request did not leave
	CodeNoReply     = "no_reply"    // the request left and no answer came
	CodeInterrupted = "interrupted" // the process ended before an answer was on record
	CodeInput       = "bad_input"   // a value that only the task can judge
	CodeCredential  = "credential"  // no credential, or one that is not usable
	CodeLimit       = "limit"       // an expression went over its limits
	CodeInternal    = "internal"    // a fault of the task type itself
)

// A CodeDoc explains a code to people.
type CodeDoc struct{ Code, Doc string }

// Codes lists the codes that no remote system names, in the order of the documentation.
func Codes() []CodeDoc {
	return []CodeDoc{
		{CodeTimeout, "the time was up: of the step, of what is around it, of a poll or of a decision"},
		{CodeUnreachable, "no connection: the request did not leave"},
		{CodeNoReply, "the request left, and no answer came"},
		{CodeInterrupted, "the process ended before an answer was on record"},
		{CodeInput, "a value that only the task can judge, and does not take"},
		{CodeCredential, "no credential, or one that cannot be used"},
		{CodeLimit, "an expression went over its limits, or divided by zero"},
		{CodeInternal, "a fault of the task type itself"},
	}
}

func (f *Failure) Error() string { return f.Code + ": " + f.Message }

// Interrupted is the reply of a host to a call that may have been carried out, where no answer is on record.
func Interrupted(why string) Reply {
	return Reply{Failure: &Failure{Code: CodeInterrupted, Message: why, Transient: true, Unknown: true}}
}

// Unrecorded is why a call is interrupted whose process has ended.
const Unrecorded = "the process ended before the answer was on record"

// ResultCode is the value of `result_code`: the HTTP status of the answer, or 1 where there was none.
func (f *Failure) ResultCode() int {
	if f.Status != 0 {
		return f.Status
	}
	return 1
}
