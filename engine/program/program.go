// Package program turns a definition into something that can be run, and says everything that is wrong with it on the way:
// compiling is the check. A definition that compiles cannot fail in a run from an unknown name, a wrong type or a missing value,
// because every expression is typed against the declared inputs and the outputs that the task types declare.
//
// In reading order: program.go (what is made), key.go (what names a step of a run), walk.go (all
// steps and where they are), compile.go (the list of rules), scope.go (which names and types an
// expression sees, and where they may be null), names.go (what is said about a name that is not
// there), then one file a rule: inputs.go, credentials.go, task.go, parallel.go, for_each.go,
// switch.go, subworkflow.go with load.go and bundle.go (other workflows), approval.go, undo.go,
// parameters.go with values.go, conditions.go, polling.go, policy.go, discouraged_value.go,
// outputs.go; and render.go (the input of a task from its template), with fill.go and unknown.go
// (the same where not all is known yet).
//
// Then what is allowed and most likely wrong, also one file a rule: hard_coded_secret.go (which is
// an error), retried_once.go, literal_token.go, endless_poll.go, constant_condition.go,
// unused_output.go, ignored_decision.go, and open_request.go, which follows the ways to a run's
// success. They look at the steps by walk.go, at what a value reads by paths.go, and at conditions
// by facts.go. rules.go lists all rules, allow.go lets comments silence warnings, and suggestion.go
// makes the fixes of expressions.
package program

import (
	"time"

	"errand/engine/expression"
	"errand/engine/schema"
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

// Form returns the task type, or the form of the step: parallel, for_each, switch, approval, or
// workflow and its name; "" if the step did not compile.
func (s *Step) Form() string {
	if s.Action == nil {
		return ""
	}
	return s.Action.Form()
}

// Lists returns the lists of steps that the step's action holds, without its handlers.
func (s *Step) Lists() [][]*Step {
	if s.Action == nil {
		return nil
	}
	return s.Action.Lists()
}

// An Action is what a step does: one type for each form of the language.
type Action interface {
	Form() string     // for people: the task type or the form's word, and the name of a called workflow
	Lists() [][]*Step // the lists of steps that it holds, in the order of the text
}

// A caller is an action that calls something with an input: a *Task or a *Subworkflow.
type caller interface{ input() Template }

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
