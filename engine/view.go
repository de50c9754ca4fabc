package engine

import (
	"encoding/json"
	"time"

	"errand/engine/program"
)

// A View is how a run stands. As JSON it is the one shape of a run: what `run -o json`, `runs show`
// and `runs list` print. Members may be added; readers ignore those that they do not know.
type View struct {
	Result
	StartedBy  string    `json:"started_by,omitempty"`      // who asked for the run
	URL        string    `json:"url,omitempty"`             // the run's page in the web console, as it was when the run was put on record
	Key        string    `json:"concurrency_key,omitempty"` // of the open runs with one key, one works at a time
	Waits      []Wait    `json:"waits,omitempty"`           // what the run waits for, if it has not ended
	Due        time.Time `json:"due_at,omitzero"`           // when the run goes on by itself; zero means it does not
	Cancelling bool      `json:"cancelling,omitempty"`      // the run is to be cancelled, by CancelledBy; one that is uncertain is cancelled when a person has decided
	Pruned     time.Time `json:"pruned_at,omitzero"`        // when its record was deleted; only of Reader.List
	Rounds     []Round   `json:"rounds,omitempty"`          // how the run ended before each retry, oldest first; only of Reader.Read

	Requesters   []string         `json:"-"` // the persons for whom the run is
	Inputs       json.RawMessage  `json:"-"` // an object
	InputsDigest []byte           `json:"-"` // of a pruned run, in the place of Inputs: see HasInputs
	Process      string           `json:"-"` // the process that works on the run, for people; "" if none does
	Definition   []byte           `json:"-"` // the source that the run is pinned to, with those of its subworkflows
	Program      *program.Program `json:"-"` // the compiled definition; nil in a list and if the record is damaged
	Questions    []Open           `json:"-"` // what a person can decide now; empty in a list
	Trouble      error            `json:"-"` // why the run cannot be replayed; nil if it can
}

// Brief returns a view that says only which run it is, when it began and ended, how it stands and what it
// waits for.
func (v View) Brief() View {
	return View{
		Result: Result{
			Version: v.Version, Run: v.Run, Workflow: v.Workflow, Request: v.Request, Status: v.Status,
			Started: v.Started, Ended: v.Ended, Outputs: Values{}, Steps: []StepResult{},
		},
		Waits: v.Waits, Due: v.Due, Pruned: v.Pruned, Key: v.Key, Process: v.Process, Cancelling: v.Cancelling,
	}
}

// CancelNote returns what a note on a run that waits for a person ends with if the run is to be
// cancelled; otherwise "".
func (v View) CancelNote() string {
	if !v.Cancelling {
		return ""
	}
	return "; the run was cancelled" + v.CancelledBy.ByWhom() + ", and ends when that is decided"
}

// NotNow returns why nobody can answer a question of the run now: the run waits for adoption, or the time
// of the question is over. It returns nil if somebody can.
func (v View) NotNow(q Question, now time.Time) *Refusal {
	for _, w := range v.Waits {
		if w.For == WaitAdoption {
			return &Refusal{Code: RefusedIsolated, Run: v.Run, Step: q.Step, Reason: w.Reason}
		}
	}
	if !q.Until.IsZero() && !now.Before(q.Until) {
		return &Refusal{Code: RefusedLate, Run: v.Run, Step: q.Step, Question: &q}
	}
	return nil
}

// A Round is how a run ended before a retry, and who retried it. Its steps are all that the run had
// reached until then, also those that the retry kept.
type Round struct {
	Status  Status       `json:"status"`
	Failure *Failure     `json:"failure"`
	Ended   time.Time    `json:"ended_at,omitzero"`
	Undone  []Failure    `json:"undo_failures,omitempty"`
	Steps   []StepResult `json:"steps"`
	Retried time.Time    `json:"retried_at"`
	By      Person       `json:"retried_by"`
	From    string       `json:"retried_from"` // the step
}

// NewRound returns the round that a retry replaced.
func NewRound(r Result, at time.Time, by Person, from string) Round {
	if r.Steps == nil {
		r.Steps = []StepResult{}
	}
	return Round{Status: r.Status, Failure: r.Failure, Ended: r.Ended, Undone: r.Undone, Steps: r.Steps, Retried: at, By: by.Recorded(), From: from}
}

// An Open question is one that a person can decide now, with what is known about it.
type Open struct {
	Question
	Evidence *Evidence // of a step whose outcome is unknown; nil if its request is not on record
}

// MarshalJSON implements json.Marshaler: a view of nothing has the same shape as every other.
func (v View) MarshalJSON() ([]byte, error) {
	type shape View
	s := shape(v)
	if s.Steps == nil {
		s.Steps = []StepResult{}
	}
	if s.Outputs == nil {
		s.Outputs = Values{}
	}
	return plainJSON(s)
}
