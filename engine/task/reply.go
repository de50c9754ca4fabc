package task

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// A Reply is the result of a call. Exactly one of its members is set.
type Reply struct {
	Output  json.RawMessage `json:"output,omitempty"` // an object that fits the type's Output
	Again   *Again          `json:"again,omitempty"`
	Failure *Failure        `json:"failure,omitempty"`

	// Looks is how many replies of the same kind a host has left out before this one, because its
	// record no longer has them. Only hosts set it.
	Looks int `json:"-"`
}

// Again means "not done yet": the engine calls the step once more after After, with Note. It is not
// a failure and does not count as an attempt. A task returns it as its error.
type Again struct {
	After time.Duration `json:"after"` // in nanoseconds; 0 means at once
	Note  string        `json:"note,omitempty"`

	// Settled says that the effect took place and was answered. The following calls have
	// Call.Settled and only read.
	Settled bool `json:"settled,omitempty"`

	// Output has the outputs that are known so far, by name: see AllKnown and NothingKnown. A type
	// that sets Settled sets it too. If the step fails later, it keeps these outputs and is undone.
	// The check takes an output for known in the step's undo unless the type has Type.Settles, so
	// every other type sets all of its outputs. Handlers read the result message in it as a part of
	// failure.done.
	Output json.RawMessage `json:"output,omitempty"`

	// Throttled says that the system refused a request of the call because there were too many, and
	// that the task looks again because of that: see Failure.Throttled.
	Throttled bool `json:"throttled,omitempty"`

	// Absent says that the attempt which the call looked for certainly had no effect: the next call
	// may send. LookFor sets it.
	Absent bool `json:"absent,omitempty"`
}

func (a *Again) Error() string { return fmt.Sprintf("not done yet, again after %s", a.After) }

// A Failure is the answer of a remote system, or the absence of one, as data. A task returns it as
// its error.
type Failure struct {
	// Code is the system's own, such as "IncorrectInstanceState", or a Code constant.
	Code string `json:"code"`

	// Message is for the requester's worklog. It says what was refused and contains no secret.
	Message string `json:"message"`

	// Status is the HTTP status of the answer, or 0 if there was no answer.
	Status int `json:"status,omitempty"`

	// Transient says that the same request may succeed later.
	Transient bool `json:"transient,omitempty"`

	// Unknown says that the request was sent and may have taken effect.
	Unknown bool `json:"unknown,omitempty"`

	// Local says that trouble on this machine kept the call from being made: no credential, a store
	// that cannot be read, no memory. Nothing was sent. The step has not failed: the run waits
	// for a person, and the call is made again when somebody resumes it.
	Local bool `json:"local,omitempty"`

	// Sent is when the request was put on record, if Unknown is set. The host sets it.
	Sent time.Time `json:"sent,omitzero"`

	// Throttled says that the system refused the request because there were too many. It concerns
	// all calls with the same credential: a host may make them less often for a while.
	Throttled bool `json:"throttled,omitempty"`

	// RetryAfter is the shortest wait that the system asked for, in nanoseconds.
	RetryAfter time.Duration `json:"retry_after,omitempty"`

	// Details are for operators.
	Details []Detail `json:"details,omitzero"`
}

// Codes of failures that are not a remote system's.
const (
	CodeTimeout     = "timeout"     // the step's time was up
	CodeUnreachable = "unreachable" // no connection: the request was not sent
	CodeNoReply     = "no_reply"    // the request was sent, but no answer came
	CodeInterrupted = "interrupted" // the process ended before an answer was on record
	CodeInput       = "bad_input"   // a value that the task does not accept
	CodeCredential  = "credential"  // no credential, or one that cannot be used
	CodeLimit       = "limit"       // an expression, a loop or an output exceeded its limits
	CodeInternal    = "internal"    // a fault of the task type itself
)

// A CodeDoc explains a code to people.
type CodeDoc struct{ Code, Doc string }

// Codes returns the codes that are not a remote system's, in the order of the documentation.
func Codes() []CodeDoc {
	return []CodeDoc{
		{CodeTimeout, "the time was up: that of the step, of a step around it, of a poll or of a decision"},
		{CodeUnreachable, "no connection: the request was not sent"},
		{CodeNoReply, "the request was sent, but no answer came"},
		{CodeInterrupted, "the process ended before an answer was on record"},
		{CodeInput, "a value that the task does not accept; the check finds only those that a definition writes as constants"},
		{CodeCredential, "a service that issues credentials refused one; if a credential is missing on this machine, the step does not fail: the run waits"},
		{CodeLimit, "an expression, a loop or the output of a task exceeded its limits, or a number was divided by zero"},
		{CodeInternal, "a fault of the task type itself"},
	}
}

func (f *Failure) Error() string { return f.Code + ": " + f.Message }

// Interrupted returns the reply to a call that may have been carried out but has no recorded
// answer. The call was put on record at the time sent.
func Interrupted(why string, sent time.Time) Reply {
	return Reply{Failure: &Failure{Code: CodeInterrupted, Message: why, Transient: true, Unknown: true, Sent: sent}}
}

// SentAt returns the reply with the time at which the call was put on record, if its outcome is
// unknown.
func (r Reply) SentAt(at time.Time) Reply {
	if r.Failure != nil && r.Failure.Unknown {
		f := *r.Failure
		f.Sent = at
		r.Failure = &f
	}
	return r
}

// Unrecorded is the reason why a call is interrupted if its process has ended.
const Unrecorded = "the process ended before the answer was on record"

// Throttled reports whether the system refused a request because there were too many, and the
// shortest wait that it asked for.
func (r Reply) Throttled() (wait time.Duration, throttled bool) {
	switch {
	case r.Failure != nil:
		return r.Failure.RetryAfter, r.Failure.Throttled
	case r.Again != nil:
		return 0, r.Again.Throttled
	}
	return 0, false
}

// ResultCode returns the value of `result_code`: the HTTP status of the answer, or 1 if there was
// no answer.
func (f *Failure) ResultCode() int {
	if f.Status != 0 {
		return f.Status
	}
	return 1
}

// AsUnknown returns a failure marked as unknown; it returns trouble on this machine and any other
// error unchanged. A task uses it if it cannot look for the effect of an earlier attempt.
func AsUnknown(err error) error {
	if f, ok := errors.AsType[*Failure](err); ok && !f.Local {
		unknown := *f
		unknown.Unknown = true
		return &unknown
	}
	return err
}
