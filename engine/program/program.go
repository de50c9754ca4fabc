// Package program turns a definition into something that can be run, and says everything that is wrong with it on the way:
// compiling is the check. A definition that compiles cannot fail in a run from an unknown name, a wrong type or a missing value,
// because every expression is typed against the declared inputs and the outputs that the task types declare.
//
// In reading order: program.go (what is made), compile.go (the list of rules), scope.go (which names and types an expression
// sees, and where they may be null), names.go (what is said about a name that is not there), then one file a rule: inputs.go,
// credentials.go, task.go, parallel.go, for_each.go, switch.go, subworkflow.go with load.go and bundle.go (other workflows), approval.go, undo.go,
// parameters.go with values.go, conditions.go, polling.go, policy.go, discouraged_value.go, outputs.go; and render.go (the input of a task from its
// template), with fill.go and unknown.go (the same where not all is known yet).
//
// Then what is allowed and most likely wrong, also one file a rule: hard_coded_secret.go (which is an error), retried_once.go,
// literal_token.go, endless_poll.go, constant_condition.go, unused_output.go, ignored_decision.go, and open_request.go, which follows the
// ways to a run's success. They look at the steps by standing.go, at what a value reads by paths.go, and at conditions by facts.go.
// rules.go lists all rules, allow.go lets comments silence warnings, and suggestion.go makes the fixes of expressions.
package program

import (
	"time"

	"errand/engine/expression"
	"errand/engine/schema"
	"errand/engine/task"
)

// A Program is a checked definition. It is never changed once made, and any number of runs may share it.
type Program struct {
	Name        string
	Title       string
	Description string
	Digest      string // SHA-256 of the definition's bytes, in hexadecimal
	Source      []byte // with those of the workflows that it calls, where there are any: see bundle.go
	File        string

	Inputs    schema.Type   // an object
	Timeout   time.Duration // of the whole run; 0 means none
	Steps     []*Step
	OnFailure []*Step
	Finally   []*Step
	Outputs   []Output

	Credentials  []Credential // the credentials that the steps use, in the order of their first use
	NeedsRequest bool         // an expression reads request.id
}

// A Credential is one that a program needs.
type Credential struct{ Connector, Name string }

// An Output is a value that a succeeded run returns.
type Output struct {
	Name  string
	Type  schema.Type
	Value Template
}

// A Step is one step of a program.
type Step struct {
	Key       string // the id, or the path where it has none
	ID        string // "" where it has none
	Name      string // for people
	If        *expression.Program
	Timeout   time.Duration // 0 means none
	Retry     Retry
	Continue  bool    // a failure of the step lets the run go on
	OnFailure []*Step // stand in for the step when it fails
	Undo      []*Step // run, in reverse order of completion, when the run fails or is cancelled after the step has succeeded
	Outputs   schema.Type
	Action    Action
}

// Label is what a person should read: the name, or the task type, or the key.
func (s *Step) Label() string {
	if s.Name != "" {
		return s.Name
	}
	if t, ok := s.Action.(*Task); ok {
		return t.Type.Name
	}
	return s.Key
}

// Form is the task type, or what the step is otherwise: parallel, for_each, switch, approval, or workflow and its name.
func (s *Step) Form() string {
	switch a := s.Action.(type) {
	case *Task:
		return a.Type.Name
	case *Parallel:
		return "parallel"
	case *ForEach:
		return "for_each"
	case *Switch:
		return "switch"
	case *Subworkflow:
		return "workflow " + a.Program.Name
	case *Approval:
		return "approval"
	}
	return ""
}

// Within lists the keys of the steps that the step holds, however deep; those of its handlers are not among them.
func (s *Step) Within() []string {
	var keys []string
	for _, list := range s.Lists() {
		for _, inner := range list {
			keys = append(append(keys, inner.Key), inner.Within()...)
		}
	}
	return keys
}

// Lists are the lists of steps that the step's action holds.
func (s *Step) Lists() [][]*Step {
	var lists [][]*Step
	switch a := s.Action.(type) {
	case *Parallel:
		for _, b := range a.Branches {
			lists = append(lists, b.Steps)
		}
	case *ForEach:
		lists = append(lists, a.Steps)
	case *Switch:
		for _, c := range a.Cases {
			lists = append(lists, c.Steps)
		}
		lists = append(lists, a.Else)
	}
	return lists
}

// An Action is what a step does: one type for each form of the language.
type Action interface{ action() }

// A Task calls a task type, once or until a condition holds.
type Task struct {
	Type       task.Type
	Credential string
	Input      Template
	Until      *expression.Program // nil: the first answer counts
	Every      time.Duration
	For        time.Duration // 0: until the step's time is up
}

func (*Task) action() {}

// A Parallel runs branches side by side.
type Parallel struct{ Branches []Branch }

// A Branch is a list of steps beside others.
type Branch struct {
	Name  string
	Steps []*Step
}

// A ForEach runs steps once for each item of a list.
type ForEach struct {
	Items Template // a list
	Item  schema.Type
	As    string // the name under which the steps see their item
	Limit int    // how many items at a time
	Steps []*Step
	IDs   []string // of the steps whose outputs an entry of `items` has
}

// A Switch runs the steps of the first case that holds.
type Switch struct {
	Cases []Case
	Else  []*Step
}

// A Case is a condition and its steps.
type Case struct {
	If    *expression.Program
	Steps []*Step
}

// A Subworkflow runs another program as a step.
type Subworkflow struct {
	Program *Program
	Input   Template // an object
}

// An Approval waits for a person's decision.
type Approval struct {
	Ask            Template      // a text
	By             []string      // roles or users
	Within         time.Duration // 0: without a limit
	Otherwise      string        // reject, approve or fail, when Within has passed
	AllowRequester bool          // who made the request may decide
}

func (*Parallel) action()    {}
func (*ForEach) action()     {}
func (*Switch) action()      {}
func (*Subworkflow) action() {}
func (*Approval) action()    {}

// A Retry says how often and how long a transient failure is tried again.
type Retry struct {
	Attempts int           // in all, at least 1
	Shortest time.Duration // the ceiling of the first wait
	Longest  time.Duration // the ceiling of every wait
	For      time.Duration // no attempt starts later than this after the first; 0 means no limit
	Stated   bool          // the step itself says retry: even what cannot be looked up may be repeated
}

// DefaultRetry is what holds where a definition says nothing.
var DefaultRetry = Retry{Attempts: 5, Shortest: time.Second, Longest: time.Minute}
