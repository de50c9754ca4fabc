package engine

import (
	"bytes"
	"encoding/json"
	"time"

	"errand/engine/schema"
	"errand/engine/task"
)

// eventJSON is the shape of an event as JSON: times as RFC 3339, durations as text.
type eventJSON struct {
	ID       *EventID        `json:"id,omitempty"`
	At       time.Time       `json:"at"`
	Kind     EventKind       `json:"kind"`
	Run      string          `json:"run"`
	Branch   string          `json:"branch,omitempty"`
	Step     string          `json:"step,omitempty"`
	Name     string          `json:"name,omitempty"`
	Task     string          `json:"task,omitempty"`
	Message  string          `json:"message,omitempty"`
	Request  string          `json:"request,omitempty"`
	Status   Status          `json:"status,omitempty"`
	Outputs  Values          `json:"outputs,omitempty"`
	Input    json.RawMessage `json:"input,omitempty"`
	Workflow string          `json:"workflow,omitempty"`
	Items    *int            `json:"items,omitempty"`
	Case     *Case           `json:"case,omitempty"`
	Ask      string          `json:"ask,omitempty"`
	Attempt  int             `json:"attempt,omitempty"`
	Looks    int             `json:"looks,omitempty"`
	Wait     string          `json:"wait,omitempty"`
	For      WaitFor         `json:"for,omitempty"`
	Failure  *failureJSON    `json:"failure,omitempty"`
	Cause    string          `json:"cause,omitempty"`
	Verdict  Verdict         `json:"verdict,omitempty"`
	By       *personJSON     `json:"by,omitempty"`
	Handler  HandlerKind     `json:"handler,omitempty"`
	Process  string          `json:"process,omitempty"`
	Before   *Ending         `json:"before,omitempty"`
}

// failureJSON is a task.Failure with its durations as text.
type failureJSON struct {
	Code       string `json:"code"`
	Message    string `json:"message"`
	Status     int    `json:"status,omitempty"`
	Transient  bool   `json:"transient,omitempty"`
	Unknown    bool   `json:"unknown,omitempty"`
	Local      bool   `json:"local,omitempty"`
	RetryAfter string `json:"retry_after,omitempty"`

	Details []task.Detail `json:"details,omitzero"`
}

// personJSON is a Person as others see one: without groups.
type personJSON struct {
	Name      string `json:"name"`
	EnteredBy string `json:"entered_by,omitempty"`
}

// MarshalJSON implements json.Marshaler. Times are RFC 3339, durations texts such as "1m30s".
func (e Event) MarshalJSON() ([]byte, error) {
	shape := eventJSON{
		At: e.At, Kind: e.Kind, Run: e.Run, Branch: e.Branch, Step: e.Step, Name: e.Name, Task: e.Task, Message: e.Message,
		Request: e.Request, Status: e.Status, Outputs: e.Outputs, Input: e.Input, Workflow: e.Workflow, Items: e.Items, Case: e.Case,
		Ask: e.Ask, Attempt: e.Attempt, Looks: e.Looks, For: e.For, Failure: failureShape(e.Failure), Cause: e.Cause, Verdict: e.Verdict,
		Handler: e.Handler, Process: e.Process, Before: e.Before,
	}
	if !e.ID.IsZero() {
		shape.ID = &e.ID
	}
	if e.Wait != 0 {
		shape.Wait = schema.FormatDuration(e.Wait)
	}
	if e.By.Name != "" {
		shape.By = &personJSON{Name: e.By.Name, EnteredBy: e.By.EnteredBy}
	}
	return plainJSON(shape)
}

// plainJSON is JSON without the escapes for HTML: whoever encodes around it decides about those.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return b.Bytes(), err
}

func failureShape(f *task.Failure) *failureJSON {
	if f == nil {
		return nil
	}
	shape := &failureJSON{Code: f.Code, Message: f.Message, Status: f.Status, Transient: f.Transient, Unknown: f.Unknown, Local: f.Local, Details: f.Details}
	if f.RetryAfter != 0 {
		shape.RetryAfter = schema.FormatDuration(f.RetryAfter)
	}
	return shape
}
