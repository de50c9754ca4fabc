package plan

import (
	"encoding/json"

	"errand/engine/program"
	"errand/engine/task"
)

// A Plan is what a run would do. Its JSON is version 1 of a documented shape: the fields' names, as they stand here. What is empty may
// be left out, except lists.
type Plan struct {
	Version  int    `json:"version"`
	Workflow string `json:"workflow"`
	Title    string `json:"title"`
	Digest   string `json:"digest"`            // of the definition that was planned
	Request  string `json:"request"`           // "" where it is not known
	Read     bool   `json:"read"`              // systems were read and asked
	Timeout  string `json:"timeout,omitempty"` // of the whole run, as all durations here: "1h30m"

	Steps     []Step   `json:"steps"`
	OnFailure []Step   `json:"on_failure"` // when the run fails
	Finally   []Step   `json:"finally"`    // in any case
	Outputs   []Output `json:"outputs"`
	Effects   []Effect `json:"effects"`
	Needs     []Need   `json:"needs"`
}

// An Output is a value that the run would return.
type Output struct {
	Name    string          `json:"name"`
	Value   json.RawMessage `json:"value,omitempty"` // with texts in ‹› for what is not known
	Unknown []program.Gap   `json:"unknown,omitempty"`
	Fault   string          `json:"fault,omitempty"` // why it cannot be made
}

// A Step is what a run would do at one step.
type Step struct {
	ID   string `json:"id"` // as a run names it; … stands for the number of an item that is not known
	Name string `json:"name"`
	Task string `json:"task"` // the task type, or the form's word

	If      string `json:"if,omitempty"`      // it runs only where this holds, which is not known
	Skipped string `json:"skipped,omitempty"` // the condition that does not hold
	Fault   string `json:"fault,omitempty"`   // why it would fail, with what is known

	Credential string          `json:"credential,omitempty"`
	Input      json.RawMessage `json:"input,omitempty"`   // of a task, or of a workflow that is called, with texts in ‹› for what is not known
	Unknown    []program.Gap   `json:"unknown,omitempty"` // what is not known of it; none: a run would send these bytes
	Delay      string          `json:"delay,omitempty"`   // so long it waits
	Poll       *Poll           `json:"poll,omitempty"`
	Retry      *Retry          `json:"retry,omitempty"` // where a failure that may pass is not tried again as usual
	Timeout    string          `json:"timeout,omitempty"`
	Approval   *Approval       `json:"approval,omitempty"`
	Limit      int             `json:"limit,omitempty"` // of a for_each: how many items at a time

	Groups []Group `json:"groups,omitempty"` // the steps that it holds

	Continue  bool   `json:"continue,omitempty"`   // where it fails, the run goes on
	OnFailure []Step `json:"on_failure,omitempty"` // where it fails, these stand in for it
	Undo      []Step `json:"undo,omitempty"`       // where the run fails after it

	Read    string          `json:"read,omitempty"`    // what came of reading it
	Unread  string          `json:"unread,omitempty"`  // why it could not be read
	Outputs json.RawMessage `json:"outputs,omitempty"` // where they are known: of a task that only computes, and of one that was read
	Permits []task.Permit   `json:"permits,omitempty"` // what its system said of the requests that it needs

	filled program.Filled
}

// A Group is a list of steps within another.
type Group struct {
	Kind  string `json:"kind"`            // branch, item, items, case, else, steps, on_failure or finally
	Label string `json:"label,omitempty"` // the branch's name, the item, what the items come from
	If    string `json:"if,omitempty"`    // of a case: its condition, which is not known
	Steps []Step `json:"steps"`
}

// The kinds of groups.
const (
	branchGroup    = "branch"
	itemGroup      = "item"
	itemsGroup     = "items" // once for each item of a list that is not known
	caseGroup      = "case"
	elseGroup      = "else"
	stepsGroup     = "steps" // of a workflow that is called, or of the case that is chosen
	onFailureGroup = "on_failure"
	finallyGroup   = "finally"
)

// A Poll looks again and again.
type Poll struct {
	Until string `json:"until"`
	Every string `json:"every"`
	For   string `json:"for,omitempty"`
}

// A Retry is how often a failure that may pass is tried again.
type Retry struct {
	Attempts int    `json:"attempts"`
	Shortest string `json:"shortest"`
	Longest  string `json:"longest"`
	For      string `json:"for,omitempty"`
}

// An Approval is what a person is asked.
type Approval struct {
	Ask            string   `json:"ask"`
	By             []string `json:"by"`
	Within         string   `json:"within,omitempty"`
	Otherwise      string   `json:"otherwise"`
	AllowRequester bool     `json:"allow_requester,omitempty"`
}
