// Package program compiles a definition to a program that a host can run. Compiling is also the
// check: it reports everything that is wrong with the definition. A run of a definition that
// compiles cannot fail because of an unknown name, a wrong type or a missing value. The reason is
// that every expression has a type, which follows from the declared inputs and from the outputs
// that the task types declare.
//
// In reading order: program.go (the result), key.go (the keys of steps in a run) with key_names.go (how
// people read them), description.go (a program for other programs), walk.go (all steps and their places),
// compile.go (the list of passes), scope.go (the names and types that an expression sees, and where they
// may be null) and names.go (messages about unknown names), with hyphenated.go, suggestion.go and
// certain.go (only fixes that were tried are offered). Then one file for each rule: inputs.go,
// credentials.go, task.go with task_name.go, parallel.go, for_each.go, switch.go with exhaustive_switch.go, group.go,
// fail.go with after.go (what a failure proves), subworkflow.go with load.go and bundle.go (other
// workflows) and starter.go (what starts a workflow from outside), approval.go, undo.go, concurrency.go,
// parameters.go with values.go, possible.go, object_misfit.go, declare_help.go, type_rules.go (those of a task
// type) with assumed.go, and crossing.go, conditions.go, polling.go, policy.go, discouraged_value.go,
// too_short.go and outputs.go. Then
// render.go (from a template to the input of a task), with fill.go and unknown.go (the same if not all
// values are known yet).
//
// The warnings about definitions that are valid but probably wrong also have one file for each
// rule: hard_coded_secret.go (an error), retried_once.go, literal_token.go, endless_poll.go,
// constant_condition.go, unused_output.go, unused_input.go, cut_short.go, ignored_decision.go,
// unset_visibility.go, and open_request.go, unchecked_request.go and unobserved_state.go with
// hasty_change.go, which follow the paths of a run (path_walk.go). They use walk.go for the steps,
// belonging.go for the request that a step works on, paths.go for the paths that a value reads and
// facts.go for conditions. rules.go lists all rules, allow.go lets comments silence warnings, and
// suggestion.go makes the fixes of expressions.
package program

import (
	"time"

	"errand/engine/expression"
	"errand/engine/schema"
)

// A Program is a compiled definition. It does not change after it is made, so runs can share it.
type Program struct {
	Name        string
	Title       string
	Description string
	Digest      string // SHA-256 of Source, in hexadecimal
	Source      []byte // includes the workflows that it calls; see bundle.go
	File        string

	Inputs  schema.Type   // an object
	Timeout time.Duration // for the whole run; 0 means none
	least   time.Duration // that the main steps take if they succeed, as far as that is known

	Concurrency *Concurrency // nil if the runs wait for no others

	Steps     []*Step
	OnFailure []*Step
	Finally   []*Step
	Outputs   []Output

	Credentials  []Credential // the credentials that the steps use, in the order of first use
	NeedsRequest bool         // an expression reads request.id
}

// A Credential is a stored credential that a program needs.
type Credential struct{ Connector, Name string }

// An Output is a value that a successful run returns.
type Output struct {
	Name  string
	Type  schema.Type
	Value Template
}

// A Step is one step of a program.
type Step struct {
	Key       string // the id, or the path if there is no id
	ID        string // "" if there is none
	Name      string // for people
	If        *expression.Program
	Timeout   time.Duration // 0 means none
	Retry     Retry
	Continue  bool    // the run goes on after a failure of the step
	OnFailure []*Step // run in place of the failed step
	Undo      []*Step // run if the run later fails or is cancelled, in reverse order of completion
	Outputs   schema.Type
	Action    Action
}

// Label returns the name of a step for people: its name, task type, id or form.
func (s *Step) Label() string {
	if s.Name != "" {
		return s.Name
	}
	if t, ok := s.Action.(*Task); ok {
		return t.Type.Name
	}
	return s.ShortName()
}

// Form returns the task type, or the form of the step: steps, parallel, for_each, switch, approval, fail,
// or workflow with a name. It returns "" if the step did not compile.
func (s *Step) Form() string {
	if s.Action == nil {
		return ""
	}
	return s.Action.Form()
}

// Repeats reports whether the step is a loop: the steps in it run once for each item.
func (s *Step) Repeats() bool {
	_, loop := s.Action.(*ForEach)
	return loop
}

// Callee returns the workflow that the step calls, or nil.
func (s *Step) Callee() *Program {
	if call, ok := s.Action.(*Subworkflow); ok {
		return call.Program
	}
	return nil
}

// Lists returns the lists of steps in the step's action, without its handlers.
func (s *Step) Lists() [][]*Step {
	if s.Action == nil {
		return nil
	}
	return s.Action.Lists()
}

// An Action is what a step does. There is one type for each form of the language.
type Action interface {
	Form() string     // for people: the task type, or the form with the name of a called workflow
	Lists() [][]*Step // the lists of steps in the action, in the order of the text
}

// A caller is an action that passes an input: a *Task or a *Subworkflow.
type caller interface{ input() Template }

// A Retry says how often and how long a step is tried again after a transient failure.
type Retry struct {
	Attempts int           // the total number, at least 1
	Shortest time.Duration // the maximum of the first wait
	Longest  time.Duration // the maximum of every wait
	For      time.Duration // how long after the first attempt another may start; 0 means no limit
	// the step itself has retry: a task may be repeated even if its effect cannot be looked up
	Stated bool
}

// DefaultRetry applies if a definition sets no retry.
var DefaultRetry = Retry{Attempts: 5, Shortest: time.Second, Longest: time.Minute}
