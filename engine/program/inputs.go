package program

import (
	"slices"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/schema"
)

// inputs declares the inputs of the workflow. It checks that defaults and enums fit the type of
// their input.
func (c *compiler) inputs() {
	t := schema.ObjectOf()
	for _, in := range c.definition.Inputs {
		field := schema.Field{Name: in.Name.Value, Description: in.Description.Value, Type: in.Type, Required: in.Required}
		if in.Type.Kind != "" {
			field.Type.Enum = c.enum(in)
			field.Default = c.inputDefault(in, field.Type)
		}
		field.Type.Nullable = !in.Required && in.Default == nil
		t.Fields = append(t.Fields, field)
	}
	c.inputType = t
	c.program.Inputs = t
}

func (c *compiler) enum(in definition.Input) []any {
	plain := in.Type
	plain.Enum, plain.Nullable = nil, false
	var values []any
	for _, v := range in.Parts.Enum {
		if hasProblem(v) {
			continue
		}
		value, err := plain.Canonical(plainValue(v))
		if err != nil {
			p := diag.Problem{
				Rule: "bad-enum", Range: v.Range, Label: err.Error(),
				Message: `a value in the enum of input "` + in.Name.Value + `" does not fit its type, ` + string(in.Type.Kind),
			}
			p.Help, p.Fix = fit(plain, v)
			c.report(p)
			continue
		}
		values = append(values, value)
	}
	return values
}

func (c *compiler) inputDefault(in definition.Input, t schema.Type) any {
	if in.Default == nil || hasProblem(*in.Default) {
		return nil
	}
	t.Nullable = false
	value, err := t.Canonical(plainValue(*in.Default))
	if err == nil {
		return value
	}
	p := diag.Problem{
		Rule: "bad-default", Range: in.Default.Range, Label: err.Error(),
		Message: `the default of input "` + in.Name.Value + `" does not fit the input`,
	}
	p.Help, p.Fix = fit(t, *in.Default)
	if in.Default.Kind == schema.Null {
		p.Label, p.Help = "is not a value", "if the input may be left out, write required: false instead of the default"
	}
	if t.Items != nil { // report the first item that does not fit
		for _, item := range in.Default.Items {
			if _, err := t.Items.Canonical(plainValue(item)); err != nil {
				p.Range, p.Label = item.Range, err.Error()
				p.Help, p.Fix = fit(*t.Items, item)
				break
			}
		}
	}
	c.report(p)
	return nil
}

// hasProblem reports whether the parser reported a problem inside a value. If so, nothing else is
// reported about it.
func hasProblem(v definition.Value) bool {
	return v.Kind == schema.Any || slices.ContainsFunc(v.Items, hasProblem) ||
		slices.ContainsFunc(v.Entries, func(e definition.Entry) bool { return hasProblem(e.Value) })
}

// plainValue returns a literal in the form that schema.Canonical reads.
func plainValue(v definition.Value) any {
	switch v.Kind {
	case schema.String:
		return v.Text.Value
	case schema.List:
		list := make([]any, len(v.Items))
		for i, item := range v.Items {
			list[i] = plainValue(item)
		}
		return list
	case schema.Object:
		object := make(map[string]any, len(v.Entries))
		for _, e := range v.Entries {
			object[e.Key.Value] = plainValue(e.Value)
		}
		return object
	}
	return v.Scalar
}

// fit returns how to write a literal so that it fits a type, or "" if that is not obvious. It
// returns the edit if only quotes are wrong.
func fit(t schema.Type, v definition.Value) (string, *diag.Fix) {
	written := v.Text.Value
	edit := func(with string) *diag.Fix {
		return &diag.Fix{Title: "write " + with, Range: v.Range, Text: with}
	}
	switch {
	case t.Kind == schema.String && isScalar(v) && written != "":
		quoted := `"` + written + `"`
		return "put quotes around it: " + quoted, edit(quoted)
	case t.Kind == schema.Duration && v.Kind == schema.String && schema.DurationOfWords(written) != "":
		with := schema.DurationOfWords(written)
		return "write " + with, edit(with)
	case t.Kind == schema.Duration && v.Kind == schema.Integer:
		return "write the unit: " + written + "s, or " + written + "m", nil
	case v.Kind == schema.String && t.Kind != schema.String && t.Kind != schema.Duration:
		if _, err := t.FromText(written); err == nil && t.Kind != schema.List {
			return "write it without quotes: " + written, edit(written)
		}
	}
	switch t.Kind {
	case schema.Boolean:
		return "write true or false", nil
	case schema.List:
		return "write a list, such as [one, two]", nil
	case schema.Object:
		return "write names and their values, such as {name: value}", nil
	}
	return "", nil
}

func isScalar(v definition.Value) bool {
	return v.Kind == schema.Integer || v.Kind == schema.Number || v.Kind == schema.Boolean
}
