package plan

import (
	"encoding/json"

	"errand/engine/program"
	"errand/engine/task"
)

// A Plan is what a run would do. Its JSON is version 1 of a documented shape, with the field names
// below. An empty member may be absent, unless it is a list.
type Plan struct {
	Version  int    `json:"version"`
	Workflow string `json:"workflow"`
	Title    string `json:"title"`
	Digest   string `json:"digest"`  // of the definition that was planned
	Request  string `json:"request"` // "" if it is not known
	Read     bool   `json:"read"`    // systems were read and asked

	// Timeout is that of the whole run. Every duration has the form "1h30m".
	Timeout string `json:"timeout,omitempty"`

	// Concurrency is the key: of the runs with the same key, one works at a time. Nil means that the
	// run waits for no others.
	Concurrency *Output `json:"concurrency,omitempty"`

	Steps     []Step   `json:"steps"`
	OnFailure []Step   `json:"on_failure"` // if the run fails
	Finally   []Step   `json:"finally"`    // at the end of every run
	Outputs   []Output `json:"outputs"`
	Effects   []Effect `json:"effects"`
	Needs     []Need   `json:"needs"`
}

// An Output is a value that the run would return.
type Output struct {
	Name    string          `json:"name"`
	Value   json.RawMessage `json:"value,omitempty"` // unknown parts are texts in ‹›
	Unknown []program.Gap   `json:"unknown,omitempty"`
	Fault   string          `json:"fault,omitempty"` // why it cannot be computed
}

// A Step is what a run would do in one step.
type Step struct {
	// ID is the key of the step in a run. … replaces the number of an unknown item.
	ID    string `json:"id"`
	Label string `json:"-"` // the key for people: a step without an id has its task type or form
	Name  string `json:"name"`
	Task  string `json:"task"` // the task type, or the form's word

	If      string `json:"if,omitempty"`      // a condition for the step that is not known yet
	Skipped string `json:"skipped,omitempty"` // the condition that does not hold
	Fault   string `json:"fault,omitempty"`   // why it would fail with the known values

	Credential string `json:"credential,omitempty"`

	// Input is that of a task or a called workflow. Unknown parts are texts in ‹›.
	Input json.RawMessage `json:"input,omitempty"`

	// Unknown are the unknown parts of the input. If there are none, a run would send these bytes.
	Unknown []program.Gap `json:"unknown,omitempty"`
	Delay   string        `json:"delay,omitempty"` // how long it waits
	Poll    *Poll         `json:"poll,omitempty"`

	// Retry is nil if transient failures are retried in the default way.
	Retry    *Retry    `json:"retry,omitempty"`
	Timeout  string    `json:"timeout,omitempty"`
	Approval *Approval `json:"approval,omitempty"`
	Fail     *Fail     `json:"fail,omitempty"`  // the failure of a fail
	Limit    int       `json:"limit,omitempty"` // of a for_each: how many items at a time

	Groups []Group `json:"groups,omitempty"` // the steps in it

	Continue  bool   `json:"continue,omitempty"`   // if it fails, the run continues
	OnFailure []Step `json:"on_failure,omitempty"` // the steps instead, if it fails
	Undo      []Step `json:"undo,omitempty"`       // the steps if the run fails after it

	Read   string `json:"read,omitempty"`   // the result of reading it
	Unread string `json:"unread,omitempty"` // why it could not be read

	// Outputs are present if they are known: those of a task that only computes, or that was read.
	Outputs json.RawMessage `json:"outputs,omitempty"`
	Permits []task.Permit   `json:"permits,omitempty"` // the system's answers about its permissions

	filled program.Filled
	ends   bool // it certainly fails with a fail, and nothing catches that
}

// A Group is a list of steps inside a step.
type Group struct {
	// Kind is branch, item, items, case, else, steps, on_failure or finally.
	Kind  string `json:"kind"`
	Label string `json:"label,omitempty"` // the branch's name, the item, or the source of the items
	If    string `json:"if,omitempty"`    // of a case: its condition, if it is not known
	Steps []Step `json:"steps"`
}

// The kinds of groups.
const (
	branchGroup    = "branch"
	itemGroup      = "item"
	itemsGroup     = "items" // once for each item of an unknown list
	caseGroup      = "case"
	elseGroup      = "else"
	stepsGroup     = "steps" // of a called workflow, of the case that is chosen, or of a group
	onFailureGroup = "on_failure"
	finallyGroup   = "finally"
)

// A Poll says how a task is called repeatedly.
type Poll struct {
	Until string `json:"until"`
	Every string `json:"every"`
	For   string `json:"for,omitempty"`
}

// A Retry says how transient failures are retried.
type Retry struct {
	Attempts int    `json:"attempts"`
	Shortest string `json:"shortest"`
	Longest  string `json:"longest"`
	For      string `json:"for,omitempty"`
}

// An Approval is a question to a person.
type Approval struct {
	Ask            string   `json:"ask"`
	By             []string `json:"by"`
	Within         string   `json:"within,omitempty"`
	Otherwise      string   `json:"otherwise"`
	AllowRequester bool     `json:"allow_requester,omitempty"`
}
