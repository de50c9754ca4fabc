package definition

import (
	"time"

	"errand/engine/diag"
	"errand/engine/schema"
)

// A Definition is the syntax tree of one workflow, as its designer wrote it. Each part records its
// position in the source.
type Definition struct {
	File   string
	Source []byte

	Name        Text
	Title       Text
	Description Text
	Inputs      []Input
	Credentials []Credential
	Defaults    Policy // for steps that do not set their own
	Timeout     *Duration
	Concurrency *Concurrency // nil if there is none
	Steps       []*Step
	OnFailure   []*Step
	Finally     []*Step
	Outputs     []Entry
	Allows      []Allow // comments that silence warnings

	// A duration could not be read, so what seems to have no time limit may have one.
	UnreadDuration bool
}

// A Text is a string with its position. Range covers the scalar as written, including quotes and
// block indicator.
type Text struct {
	Value string
	Range diag.Range
	place *placement // maps Value to the source; nil if nothing was written
}

// Given reports whether the text was written in the source.
func (t Text) Given() bool { return t.Range.Start.Line != 0 }

// An Input is one entry of `inputs`, or a member of an input, or what all items of an input are.
// Type.Nullable is set by `required: false`.
type Input struct {
	Name Text
	// includes pattern, minimum, maximum, items and properties, without the defaults and enums of the
	// members; Kind is "" if it is missing or wrong
	Type        schema.Type
	Description Text
	Default     *Value  // nil if there is none
	Required    bool    // no default and no `required: false`
	Properties  []Input // of an object: its members; nil if it may have any
	Items       *Input  // of a list: what its items are, with the name `items`; nil if they may be anything
	Parts       InputParts

	noun string // what messages call it: input, member or item
}

// InputParts are the positions of an input's constraints. Messages about the constraints use them.
type InputParts struct {
	Type, Pattern, Minimum, Maximum, Required diag.Range
	// as written, before conversion to the input's type
	Enum []Value
}

// A Credential names the stored credential of a connector.
type Credential struct{ Connector, Name Text }

// A Policy holds the settings that a definition can set for all steps or for one step.
type Policy struct {
	Timeout *Duration
	Retry   *Retry
}

// A Retry is `retry: {attempts, backoff, for}`. A member that was not written is nil.
type Retry struct {
	Range    diag.Range
	Attempts *int
	Shortest *Duration // the left side of backoff: 2s..2m
	Longest  *Duration // the right side; a single duration sets both
	For      *Duration
}

// A Duration is a literal with units, such as 90s.
type Duration struct {
	Value time.Duration
	Range diag.Range
}

// A Step is one entry of a list of steps. Form is what the step does.
type Step struct {
	Range diag.Range // the first key of the step
	Path  string     // its path, such as "steps[3]" or "steps[3].on_failure[0]"; unique in the file
	ID    Text       // as written; may be missing
	Name  Text

	If         *Expression
	Credential Text
	Policy     Policy
	OnFailure  *Handler // nil if a failure of the step fails the run
	// run in reverse order of completion if the run later fails or is cancelled
	Undo      []*Step
	UndoRange diag.Range // the position of the key
	Word      string     // such as TaskForm; "" unless the step has exactly one form
	Form      Form       // nil if Word is ""
}

// Key returns the name of the step in traces, events and journals: its id, or its path if it has no
// id.
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
	Steps    []*Step // run in place of the failed step
}

// A Form is what a step does: *Task, *Parallel, *ForEach, *Switch, *Subworkflow, *Approval, *Group or
// *Fail. Forms lists them.
type Form interface {
	// Lists returns the lists of steps that the form holds, in the order of the text.
	Lists() [][]*Step

	// expressions visits the expressions of the form itself, in the order of the text. It does not
	// visit those of the steps in the form.
	expressions(yield func(*Expression) bool) bool
}

// A Caller is a form that calls something by name: a *Task or a *Subworkflow.
type Caller interface {
	Form
	Callee() Text       // the name of the task type or workflow
	Arguments() []Entry // the entries of `with`
}

// A Task is the form `task:` with `with:` and the keys for polling.
type Task struct {
	Type  Text
	With  []Entry
	Range diag.Range // the position of the value of `with`, or of `task` if there is no `with`

	// Partial reports whether the parser could not read a part of `with`. If so, a parameter that
	// seems to be missing may have been written.
	Partial bool

	Until *Expression
	Every *Duration
	For   *Duration
}

// A Parallel is the form `parallel:`. Its branches run at the same time; Branches is in the order
// of the text.
type Parallel struct {
	Range    diag.Range // the position of the key
	Branches []Branch
}

// A Branch is one entry of `parallel`. The paths of its steps begin with the path of the parallel
// step, such as "steps[3].parallel.web[0]".
type Branch struct {
	Name  Text // [a-z][a-z0-9_]*
	Steps []*Step
}

// A ForEach is the form `for_each:` with `as:`, `limit:` and `steps:`. The steps run once for each
// item.
type ForEach struct {
	Range diag.Range // the position of the key
	List  Value      // a single expression or a literal list
	As    Text       // the name of the item: [a-z][a-z0-9_]*, and not a reserved name
	Limit *int       // how many items run at a time; nil means one
	Steps []*Step    // their paths begin with the path of this step, such as "steps[3].steps[0]"
}

// A Switch is the form `switch:` with its sibling key `else:`. It runs the first case whose
// condition is true.
type Switch struct {
	Range diag.Range // the position of the key
	Cases []Case
	Else  []*Step // the paths of these steps are like "steps[3].else[0]"
}

// A Case is one entry of `switch`. The paths of its steps are like "steps[3].switch[0].steps[0]".
type Case struct {
	Range diag.Range // the position of the first key
	If    *Expression
	Steps []*Step
}

// A Subworkflow is the form `workflow:` with `with:`. It runs another definition as a step.
type Subworkflow struct {
	Workflow Text
	With     []Entry
	Range    diag.Range // as in Task
	Partial  bool       // as in Task
}

// An Approval is the form `approval: {ask, by, within, otherwise, allow_requester}`.
type Approval struct {
	Range  diag.Range // the position of the key
	Ask    Value      // a text that may contain expressions
	By     []Text     // roles or users
	Within *Duration  // nil means no limit
	// reject, approve or fail: the result after Within; defaults to reject
	Otherwise      Text
	AllowRequester bool
}

// A Group is the form `steps:`. Its steps run in order; their paths are like "steps[3].steps[0]".
type Group struct {
	Range diag.Range // the position of the key
	Steps []*Step
}

// A Fail is the form `fail:` with `code:`.
type Fail struct {
	Range   diag.Range // the position of the key
	Message Value      // a text that may contain expressions
	Code    Text       // a name; may be missing
}

// An Entry is a key of a mapping and its value.
type Entry struct {
	Key   Text
	Value Value
}

// A Value is any YAML value. Kind determines which of the other members are set.
type Value struct {
	// Null, Boolean, Integer, Number, String, List or Object; Any if a problem was reported
	Kind   schema.Kind
	Range  diag.Range
	Scalar any  // for Boolean (bool), Integer (int) and Number (float64)
	Text   Text // for String: the text as written; for other scalars: their source text
	// for String: the text, split at its expressions; a single literal if there are none
	Parts   []Part
	Items   []Value // for List
	Entries []Entry // for Object, in the order written
}

// A Part is a piece of a string: an expression, or a literal if Expression is nil.
type Part struct {
	Literal    string // `$${{` is already replaced by `${{`
	Expression *Expression
}

// An Expression is the source of an expression and its position. This package does not compile it.
type Expression struct {
	Source string
	Range  diag.Range // the position of Source
	text   Text
	offset int // the offset of Source in text.Value, in bytes
}

// Span returns the position of a piece of the source, given in byte offsets. It is used for a
// problem inside the expression.
func (e *Expression) Span(from, to int) diag.Range { return e.text.Span(e.offset+from, e.offset+to) }
