package console

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"errand/engine/pattern"
	"errand/engine/schema"
	"errand/engine/service"
)

// A field is one input of a workflow in a form, or the service request.
type field struct {
	Name, ID    string
	Label       string
	Control     control
	Text        string // what it contains
	Required    bool
	Whole       bool   // of a number: without a fraction
	Minimum     string // of a number; "" if there is none
	Maximum     string // of a number; "" if there is none
	Choices     []choiceOf
	Empty       string // of a choice: the words for no value; "" if one must be chosen
	Description string
	Help        string // how the value is written, and what an empty field means
	Problems    []string
}

// A control is how a field is filled in.
type control string

const (
	lineControl   control = "line"   // a text of one line
	areaControl   control = "area"   // a text of several lines
	numberControl control = "number" // a number
	checkControl  control = "check"  // a box that is checked or not
	choiceControl control = "choice" // a list to choose from
)

// A choiceOf is a value to choose.
type choiceOf struct {
	Value, Text string
	Chosen      bool
}

// inputPrefix stands before the name of an input in the name of its field, as in the problems of the
// HTTP interface.
const inputPrefix = "inputs."

// longLine is from how many bytes on a text gets several lines.
const longLine = 100

// requestField is the name of the field of the service request.
const requestField = "request"

// newField returns the field of an input with a text in it. given is false if nobody has filled it in:
// then it has the default.
func newField(in schema.Field, text string, given bool) field {
	if !given {
		text = fieldText(in.Type, in.Default)
	}
	f := field{Name: inputPrefix + in.Name, ID: "input-" + in.Name, Label: in.Name, Text: text, Required: in.Required, Description: in.Description}
	f.Help = capital(typeWords(in.Type)) + "."
	f.setControl(in)
	if words := emptyWords(in); words != "" && f.Control != checkControl && f.Control != choiceControl {
		f.Help += " " + words
	}
	return f
}

// setControl chooses how the field is filled in, and adds to the help how its value is written.
func (f *field) setControl(in schema.Field) {
	t := in.Type
	switch {
	case len(t.Enum) > 0:
		f.Control, f.Help = choiceControl, "Choose one."
		for _, v := range t.Enum {
			f.Choices = append(f.Choices, choiceOf{Value: choiceText(v), Text: choiceText(v)})
		}
		f.choose(in)
	case t.Kind == schema.Boolean && in.Default != nil:
		f.Control, f.Help = checkControl, "Checked means yes."
	case t.Kind == schema.Boolean:
		f.Control = choiceControl
		f.Choices = []choiceOf{{Value: "true", Text: "yes"}, {Value: "false", Text: "no"}}
		f.choose(in)
	case t.Kind == schema.Integer || t.Kind == schema.Number:
		f.Control = numberControl
		f.Whole = t.Kind == schema.Integer
		if t.Minimum != nil {
			f.Minimum = schema.Show(*t.Minimum)
		}
		if t.Maximum != nil {
			f.Maximum = schema.Show(*t.Maximum)
		}
		if f.Text != "" && !numberText.MatchString(f.Text) { // a browser would not show it in a field for numbers
			f.Control = lineControl
		}
	case t.Kind == schema.Duration:
		f.Control = lineControl
		f.Help += " Write it like " + schema.DurationExamples + "."
	case t.Kind == schema.String:
		f.Control = lineControl
		if t.MaxLength > 2*longLine || len(f.Text) > longLine || strings.Contains(f.Text, "\n") {
			f.Control = areaControl
		}
	case hasLines(t):
		f.Control = areaControl
		f.Help += " Write one item a line, or a JSON list such as []."
	default:
		f.Control = areaControl
		f.Help += " Write it as JSON, such as " + string(schema.Encode(t.NotNull().Zero())) + "."
	}
}

// numberText matches the texts that a browser shows in a field for numbers.
var numberText = pattern.New(`^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)

// choose marks the choice that is the text. A text that is none of them becomes one more, so that
// nothing else is chosen in its place.
func (f *field) choose(in schema.Field) {
	known := f.Text == ""
	for i := range f.Choices {
		f.Choices[i].Chosen = f.Choices[i].Value == f.Text
		known = known || f.Choices[i].Chosen
	}
	if !known {
		f.Choices = append(f.Choices, choiceOf{f.Text, f.Text + " (not allowed)", true})
	}
	switch {
	case in.Required:
		f.Empty = "choose one"
	case in.Default == nil:
		f.Empty = "no value"
	}
}

// emptyWords says what an empty field means; "" if the field must be filled in.
func emptyWords(in schema.Field) string {
	switch {
	case in.Default == nil && in.Required:
		return ""
	case in.Default == nil:
		return "It may stay empty."
	case !isUnset(in, ""):
		return "An empty field is an empty text."
	}
	shown, _ := cut(textOf(schema.Encode(in.Default)), longLine)
	return fmt.Sprintf("An empty field means %s.", shown)
}

// newRequestField returns the field of the service request.
func newRequestField(text string, required bool) field {
	f := field{Name: requestField, ID: requestField, Label: "Service request", Control: lineControl, Text: text, Required: required}
	f.Help = "The id of the request that the run is for, such as 100-291. The same request and inputs again get the same run."
	if !required {
		f.Help += " It may stay empty: this workflow reads no request."
	}
	return f
}

// Is reports whether the field has a control, for the template.
func (f field) Is(c string) bool { return string(f.Control) == c }

// Checked reports whether a box is checked.
func (f field) Checked() bool { return f.Text == "true" }

// Describes returns the ids of the texts about the field.
func (f field) Describes() string {
	ids := []string{f.ID + "-help"}
	if f.Description != "" {
		ids = append([]string{f.ID + "-about"}, ids...)
	}
	if len(f.Problems) > 0 {
		ids = append([]string{f.ID + "-problem"}, ids...)
	}
	return strings.Join(ids, " ")
}

// A fieldFlaw is a problem in the summary above a form.
type fieldFlaw struct {
	Href string // of the field; "" if the problem belongs to none
	Text string

	order int // of the field in the form
}

// place gives each problem to its field, and returns them all in the order of the fields, for the summary.
func place(fields []field, problems []service.FieldProblem) (flaws []fieldFlaw) {
	for _, p := range problems {
		message := p.Message
		if p.Hint != "" {
			message += "; " + p.Hint
		}
		flaw := fieldFlaw{Text: message, order: len(fields)}
		if p.Field != "" && p.Field != "inputs" {
			flaw.Text = strings.TrimPrefix(p.Field, inputPrefix) + ": " + message
		}
		for i := range fields {
			f := &fields[i]
			rest, ok := strings.CutPrefix(p.Field, f.Name)
			if !ok || rest != "" && rest[0] != '.' && rest[0] != '[' {
				continue
			}
			flaw = fieldFlaw{"#" + f.ID, f.Label + rest + ": " + message, i}
			if rest != "" {
				message = f.Label + rest + ": " + message
			}
			f.Problems = append(f.Problems, message)
			break
		}
		flaws = append(flaws, flaw)
	}
	slices.SortStableFunc(flaws, func(a, b fieldFlaw) int { return cmp.Compare(a.order, b.order) })
	return flaws
}
