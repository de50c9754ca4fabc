package engine

import (
	"errors"
	"time"

	"errand/engine/schema"
	"errand/engine/task"
)

// A Status is the state of a run.
type Status string

// The states of a run.
const (
	Succeeded Status = "succeeded"
	Failed    Status = "failed"
	Uncertain Status = "uncertain" // a step may or may not have taken effect; a person must decide
	Cancelled Status = "cancelled"
	Waiting   Status = "waiting" // the run has nothing to do before a wait ends or a process takes it up
	Running   Status = "running" // a process works on the run
)

// past completes the sentence "the run has ended: it …".
func (s Status) past() string {
	if s == Cancelled {
		return "was cancelled"
	}
	return string(s)
}

// A StepStatus is the state of a step.
type StepStatus string

// The states of a step.
const (
	StepRunning   StepStatus = "running" // the step has begun and has not ended
	StepWaiting   StepStatus = "waiting" // a person must decide
	StepSucceeded StepStatus = "succeeded"
	StepFailed    StepStatus = "failed"
	StepSkipped   StepStatus = "skipped"
	StepUncertain StepStatus = "uncertain"
	StepCancelled StepStatus = "cancelled"
)

// OutputStep begins Failure.Step if no step failed, but an output of the workflow.
const OutputStep = "outputs."

// A Failure is why a run failed: the first failure that no handler of a step took care of.
type Failure struct {
	Step    string `json:"step"` // the step's key, or OutputStep and the name of an output of the workflow
	Code    string `json:"code"`
	Message string `json:"message"`

	// Intended says that the definition asked for the failure with a fail. A retry of the run goes on
	// from an earlier step.
	Intended bool `json:"intended,omitempty"`
}

// A Result is what a run has come to. A View adds how the run stands.
type Result struct {
	Version     int       `json:"version"` // of this shape: 1
	Run         string    `json:"run"`
	Workflow    string    `json:"workflow"`
	Request     string    `json:"request"`
	Status      Status    `json:"status"`
	Outputs     Values    `json:"outputs"` // of the workflow; empty unless it succeeded
	Failure     *Failure  `json:"failure"`
	Started     time.Time `json:"started_at"`
	Ended       time.Time `json:"ended_at,omitzero"`
	CancelledBy Person    `json:"cancelled_by,omitzero"` // who cancelled the run, also while View.Cancelling; nobody if it was not, or that is not known

	Undone []Failure    `json:"undo_failures,omitempty"` // what failed while the run was undone
	Steps  []StepResult `json:"steps"`                   // those that were reached, in the order of their start
}

// A StepResult is what a step came to.
type StepResult struct {
	ID       string     `json:"id"` // the step's key
	Name     string     `json:"name,omitempty"`
	Task     string     `json:"task"`
	Status   StepStatus `json:"status"`
	Accepted bool       `json:"accepted,omitempty"` // its change took effect, and the step did not succeed
	Attempts int        `json:"attempts"`           // calls that were answered with an output or a failure
	Started  time.Time  `json:"started_at"`
	Ended    time.Time  `json:"ended_at,omitzero"`
	Outputs  Values     `json:"outputs"`

	Details   []task.Detail `json:"details,omitempty"`   // of the failure, for operators
	Decisions []Decided     `json:"decisions,omitempty"` // what persons decided about the step, oldest first
}

// Values are outputs by name, canonical. As JSON the same values have the same bytes, a duration is a
// text, and no values are an empty object.
type Values map[string]any

// MarshalJSON implements json.Marshaler.
func (v Values) MarshalJSON() ([]byte, error) {
	if v == nil {
		return []byte("{}"), nil
	}
	return schema.Encode(map[string]any(v)), nil
}

// UnmarshalJSON implements json.Unmarshaler. An integer keeps all its digits.
func (v *Values) UnmarshalJSON(data []byte) error {
	value, err := anything.Decode(data)
	if err != nil {
		return err
	}
	values, ok := value.(map[string]any)
	if !ok && value != nil {
		return errors.New("outputs are an object")
	}
	*v = values
	return nil
}
