package home

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"errand/engine/program"
	"errand/engine/schema"
)

// Inputs collects the inputs of a run from documents and texts. A text replaces what a document
// gave.
type Inputs struct {
	program *program.Program
	given   map[string]any
	texts   map[string]bool // the inputs that AddText has taken
}

// NewInputs returns the inputs of a program, without a value.
func NewInputs(p *program.Program) *Inputs {
	return &Inputs{program: p, given: map[string]any{}, texts: map[string]bool{}}
}

// An InputProblem says what is wrong with an input.
type InputProblem struct {
	Code    InputCode
	Input   string       // the input, with the path to a value within it, such as "tags[2].name"
	Field   schema.Field // of InputMissing: the input
	Message string       // of InputMisfit: what was found and what was expected
	Member  string       // of InputMisfit: the name of a member that the input does not have, or ""
	Known   []string     // of InputUnknown: the inputs of the program; of Member: the members that it could be
}

// An InputCode says which kind of problem it is.
type InputCode string

// The codes of problems.
const (
	InputUnknown InputCode = "unknown" // the program has no such input
	InputMissing InputCode = "missing" // the program needs the input
	InputMisfit  InputCode = "misfit"  // the value does not fit the input's type
	InputTwice   InputCode = "twice"   // there are two texts for an input that is not a list
)

// AddJSON takes the inputs of a JSON object. The error is that of a document that is not an object.
func (in *Inputs) AddJSON(data []byte) ([]InputProblem, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, err
	}
	if members == nil {
		return nil, errors.New("null is not an object")
	}
	var problems []InputProblem
	for _, name := range slices.Sorted(maps.Keys(members)) {
		problems = append(problems, in.AddValue(name, members[name])...)
	}
	return problems, nil
}

// AddValue takes one input as JSON.
func (in *Inputs) AddValue(name string, data json.RawMessage) []InputProblem {
	return in.add(name, func(t schema.Type) (any, error) { return t.Decode(data) })
}

// AddText takes one input as a person writes it. The input's type says how the text is read. A
// further text for a list appends to it.
func (in *Inputs) AddText(name, text string) []InputProblem {
	before := in.given[name]
	if !in.texts[name] {
		problems := in.add(name, func(t schema.Type) (any, error) { return t.FromText(text) })
		in.texts[name] = len(problems) == 0
		return problems
	}
	list, ok := before.([]any)
	if !ok {
		return []InputProblem{{Code: InputTwice, Input: name}}
	}
	return in.add(name, func(t schema.Type) (any, error) {
		more, err := t.FromText(text)
		if err != nil {
			return nil, err
		}
		return t.Canonical(slices.Concat(list, more.([]any)))
	})
}

func (in *Inputs) add(name string, read func(schema.Type) (any, error)) []InputProblem {
	field, known := in.program.Inputs.Field(name)
	if !known {
		return []InputProblem{{Code: InputUnknown, Input: name, Known: in.program.Inputs.FieldNames()}}
	}
	value, err := read(field.Type)
	if err != nil {
		return misfits(name, err)
	}
	in.given[name] = value
	return nil
}

// Given returns the inputs that have a value, by name.
func (in *Inputs) Given() map[string]any { return in.given }

// Missing returns the inputs that the program needs and that have no value.
func (in *Inputs) Missing() []schema.Field {
	var missing []schema.Field
	for _, f := range in.program.Inputs.Fields {
		if _, ok := in.given[f.Name]; !ok && f.Required {
			missing = append(missing, f)
		}
	}
	return missing
}

// Values returns the inputs as a run takes them, with defaults, or everything that is wrong.
func (in *Inputs) Values() (map[string]any, []InputProblem) {
	var problems []InputProblem
	for _, f := range in.Missing() {
		problems = append(problems, InputProblem{Code: InputMissing, Input: f.Name, Field: f})
	}
	if len(problems) > 0 {
		return nil, problems
	}
	value, err := in.program.Inputs.Canonical(in.given)
	if err != nil {
		return nil, InputMisfits(err)
	}
	return value.(map[string]any), nil // inputs are an object
}

// InputMisfits returns the problems in an error of the type of a program's inputs.
func InputMisfits(err error) []InputProblem { return misfits("", err) }

// MisfitsOf returns the problems in an error about the value of one input.
func MisfitsOf(input string, err error) []InputProblem { return misfits(input, err) }

// misfits returns a problem for each cause of an error about an input's value. Without a name the
// error is about all inputs.
func misfits(input string, err error) []InputProblem {
	all := schema.Misfits(err)
	problems := make([]InputProblem, len(all))
	for i, m := range all {
		path := m.Path
		if input != "" && path != "" && !strings.HasPrefix(path, "[") {
			path = "." + path
		}
		problems[i] = InputProblem{Code: InputMisfit, Input: input + path, Message: m.Message, Member: m.Unknown, Known: m.Known}
	}
	return problems
}
