package engine

import (
	"encoding/json"
	"slices"
	"time"

	"errand/engine/task"
)

// A Question is what a person must decide before the run can go on: whether a step took effect, or
// whether the run goes on at all.
type Question struct {
	Step    string
	Failure *task.Failure // why nobody knows whether the step took effect; nil if an approval is asked for

	// Of an approval:
	Ask            string
	By             []string  // the groups or users that may decide
	AllowRequester bool      // so may the person who made the request
	Until          time.Time // nobody can decide later; zero means no limit
}

// A Decision is a person's answer.
type Decision struct {
	Verdict Verdict
	By      Person // who decided; nobody if the time passed
	Comment string
}

// String is the decision in words, such as "approve, says Kim".
func (d Decision) String() string {
	if d.By.Name == "" {
		return string(d.Verdict)
	}
	return string(d.Verdict) + ", says " + d.By.String()
}

// A Decided is a decision about a step, with its time.
type Decided struct {
	Verdict Verdict   `json:"verdict"`
	By      Person    `json:"by,omitzero"` // who decided; nobody if the time passed
	Comment string    `json:"comment,omitempty"`
	At      time.Time `json:"at"`
}

// A Verdict says what became of a step whose outcome is unknown, or what is to become of the run.
type Verdict string

// The verdicts.
const (
	VerdictDone  Verdict = "done"  // the step took effect: go on after it
	VerdictRetry Verdict = "retry" // it did not: call it again
	VerdictFail  Verdict = "fail"  // the step has failed

	VerdictApprove Verdict = "approve"
	VerdictReject  Verdict = "reject"
	VerdictExpired Verdict = "expired" // nobody decided in time; a host says so

	VerdictCancel Verdict = "cancel" // the run stops; it answers no question
)

// Verdicts lists the verdicts on a step whose outcome is unknown.
var Verdicts = []Verdict{VerdictDone, VerdictRetry, VerdictFail}

// VerdictsOn lists the verdicts that answer a question.
func VerdictsOn(q Question) []Verdict {
	if q.Failure == nil {
		return []Verdict{VerdictApprove, VerdictReject}
	}
	return Verdicts
}

// Evidence is what is known of a step whose outcome is unknown, for the person who decides.
type Evidence struct {
	Task    string          `json:"task"`
	Sent    time.Time       `json:"sent_at"`
	Attempt int             `json:"attempt"`
	Input   json.RawMessage `json:"input"`
	Key     string          `json:"key"`
	Since   []Sign          `json:"since,omitempty"` // what happened after the request was sent
}

// A Sign is one thing that happened after a request whose outcome is unknown. Either a process
// resumed the run, or an answer failed.
type Sign struct {
	At      time.Time     `json:"at"`
	Process string        `json:"process,omitempty"`
	Before  *Ending       `json:"before,omitempty"`
	Failure *task.Failure `json:"-"`
}

// isFor reports whether a person or a group is among those that may decide.
func (q Question) isFor(name string) bool { return contains(q.By, name) }

// MayDecide reports whether a person may give a verdict on a question of a run. It returns nil, or
// a refusal that says why not and what may be done instead. requesters are the persons who asked
// for the run: none of them approves, for themselves or for somebody else.
func MayDecide(run string, q Question, by Person, requesters []string, verdict Verdict) *Refusal {
	verdicts := VerdictsOn(q)
	refusal := &Refusal{Run: run, Step: q.Step, Person: by.Name, Verdict: verdict, Question: &q}
	switch {
	case !slices.Contains(verdicts, verdict):
		refusal.Code = RefusedVerdict
	case q.Failure != nil: // everyone may say what became of a step
	case FoldName(by.Name) == "":
		refusal.Code = RefusedPerson
	case !q.AllowRequester && contains(requesters, by.Name):
		refusal.Code = RefusedRequester
	case !q.AllowRequester && contains(requesters, by.EnteredBy):
		refusal.Code, refusal.Person = RefusedRequester, by.EnteredBy
	case !q.isFor(by.Name) && !slices.ContainsFunc(by.Groups, q.isFor):
		refusal.Code = RefusedPerson
	}
	if refusal.Code == "" {
		return nil
	}
	return refusal
}
