package definition

import (
	"time"

	"errand/engine/diag"
	"errand/engine/schema"
)

// A Definition is one workflow as its designer wrote it: the syntax tree, with the place of every part.
type Definition struct {
	File   string
	Source []byte

	Name        Text
	Title       Text
	Description Text
	Inputs      []Input
	Credentials []Credential
	Defaults    Policy // for steps that do not say otherwise
	Timeout     *Duration
	Steps       []*Step
	OnFailure   []*Step
	Finally     []*Step
	Outputs     []Entry
	Allows      []Allow // comments that silence warnings
}

// A Text is a string that carries its place. Range covers the scalar as written, quotes and block indicator included.
type Text struct {
	Value string
	Range diag.Range
	place *placement // of the characters of Value in the source; nil where nothing was written
}

// Given reports whether the text was written at all.
func (t Text) Given() bool { return t.Range.Start.Line != 0 }

// An Input is one entry of `inputs`. Type.Nullable is set by `required: false`.
type Input struct {
	Name        Text
	Type        schema.Type // with pattern, enum, minimum, maximum, items; Kind is "" where it is missing or wrong
	Description Text
	Default     *Value // nil where there is none
	Required    bool   // no default, and not `required: false`
	Parts       InputParts
}

// InputParts are the places of an input's constraints, for messages about them.
type InputParts struct {
	Type, Pattern, Minimum, Maximum, Required diag.Range
	Enum                                      []Value // as written, before they fit the type
}

// A Credential names the stored credential of a connector.
type Credential struct{ Connector, Name Text }

// A Policy is what may be said once for all steps, or for one.
type Policy struct {
	Timeout *Duration
	Retry   *Retry
}

// A Retry is `retry: {attempts, backoff, for}`; what was not written is nil.
type Retry struct {
	Range    diag.Range
	Attempts *int
	Shortest *Duration // the left side of backoff: 2s..2m
	Longest  *Duration // the right side; one duration alone is both
	For      *Duration
}

// A Duration is a literal with units.
type Duration struct {
	Value time.Duration
	Range diag.Range
}

// A Step is one entry of a list of steps. Form says what it does.
type Step struct {
	Range diag.Range // the first key of the step
	Path  string     // where it stands, such as "steps[3]" or "steps[3].on_failure[0]"; unique in the file
	ID    Text       // as written; may be missing
	Name  Text

	If         *Expression
	Credential Text
	Policy     Policy
	OnFailure  *Handler   // nil: a failure fails the run
	Undo       []*Step    // run in reverse order of completion when the run fails or is cancelled later
	UndoRange  diag.Range // the key
	Word       string     // of the form, such as TaskForm; "" if the step has none, several or an unknown one
	Form       Form       // nil if Word is ""
}

// Key names the step in traces, events and journals: its id, or its path where it has none.
func (s *Step) Key() string {
	if s.ID.Value != "" {
		return s.ID.Value
	}
	return s.Path
}

// A Handler is a step's `on_failure`.
type Handler struct {
	Range    diag.Range
	Continue bool
	Steps    []*Step // stand in for the failed step
}

// A Form is what a step does: *Task, *Parallel, *ForEach, *Switch, *Subworkflow or *Approval. Forms
// lists them.
type Form interface {
	// Lists returns the lists of steps that the form holds, in the order of the text.
	Lists() [][]*Step

	// expressions visits the form's own expressions, without those of its steps, in the order of
	// the text.
	expressions(yield func(*Expression) bool) bool
}

// A Caller is a form that calls something by its name: a *Task or a *Subworkflow.
type Caller interface {
	Form
	Callee() Text       // the name of the task type or workflow
	Arguments() []Entry // `with`
}

// A Task is the form `task:` with `with:`, and the polling that belongs to it.
type Task struct {
	Type  Text
	With  []Entry
	Range diag.Range // of the value of `with`, or of `task` where there is none

	// Partial tells that a part of `with` could not be read, so that a parameter which seems to be missing may well be written.
	Partial bool

	Until *Expression
	Every *Duration
	For   *Duration
}

// A Parallel is the form `parallel:`: branches that run side by side, in the order written.
type Parallel struct {
	Range    diag.Range // of the key
	Branches []Branch
}

// A Branch is one entry of `parallel`. Its steps' paths begin with the step's path, such as "steps[3].parallel.web[0]".
type Branch struct {
	Name  Text // [a-z][a-z0-9_]*
	Steps []*Step
}

// A ForEach is the form `for_each:` with `as:`, `limit:` and `steps:`, which run once for each item.
type ForEach struct {
	Range diag.Range // of the key
	List  Value      // one whole expression, or a literal list
	As    Text       // the name of the item: [a-z][a-z0-9_]*, no root's name
	Limit *int       // how many at a time; nil: one after the other
	Steps []*Step    // their paths begin with the step's, such as "steps[3].steps[0]"
}

// A Switch is the form `switch:` with its sibling `else:`: the first case that holds.
type Switch struct {
	Range diag.Range // of the key
	Cases []Case
	Else  []*Step // their paths: "steps[3].else[0]"
}

// A Case is one entry of `switch`. Its steps' paths are like "steps[3].switch[0].steps[0]".
type Case struct {
	Range diag.Range // of the first key
	If    *Expression
	Steps []*Step
}

// A Subworkflow is the form `workflow:` with `with:`: another definition as a step.
type Subworkflow struct {
	Workflow Text
	With     []Entry
	Range    diag.Range // as that of a Task
	Partial  bool       // as that of a Task
}

// An Approval is the form `approval: {ask, by, within, otherwise, allow_requester}`.
type Approval struct {
	Range          diag.Range // of the key
	Ask            Value      // a text with expressions
	By             []Text     // roles or users
	Within         *Duration  // nil: without a limit
	Otherwise      Text       // reject, approve or fail, where Within has passed; not given: reject
	AllowRequester bool
}

// An Entry is a key of a mapping and its value.
type Entry struct {
	Key   Text
	Value Value
}

// A Value is any YAML value. Exactly one of the members belongs to its kind.
type Value struct {
	Kind    schema.Kind // Null, Boolean, Integer, Number, String, List or Object; Any where a problem was reported
	Range   diag.Range
	Scalar  any     // of Boolean (bool), Integer (int) and Number (float64)
	Text    Text    // of String: what was written; and of any other scalar: its source text
	Parts   []Part  // of String: the text cut at its expressions; one literal where there are none
	Items   []Value // of List
	Entries []Entry // of Object, in the order written
}

// A Part is a piece of a string: a literal, or an expression where Expression is not nil.
type Part struct {
	Literal    string // with `$${{` already turned into `${{`
	Expression *Expression
}

// An Expression is the source of an expression and its place. Compiling it is for others.
type Expression struct {
	Source string
	Range  diag.Range // of Source
	text   Text
	offset int // of Source in text.Value, in bytes
}

// Span gives the place of a piece of the source, in byte offsets, for a problem inside the expression.
func (e *Expression) Span(from, to int) diag.Range { return e.text.Span(e.offset+from, e.offset+to) }
