// Package program turns a definition into something that can be run, and says everything that is wrong with it on the way:
// compiling is the check. A definition that compiles cannot fail in a run from an unknown name, a wrong type or a missing value,
// because every expression is typed against the declared inputs and the outputs that the task types declare.
//
// In reading order: program.go (what is made), compile.go (the list of rules), scope.go (which names and types an expression
// sees, and where they may be null), names.go (what is said about a name that is not there), then one file a rule: inputs.go,
// credentials.go, tasks.go, parameters.go with values.go, conditions.go, polling.go, policy.go, cautions.go, outputs.go; and
// render.go (the input of a task from its template).
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
	Source      []byte
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
