package program

import (
	"encoding/json"
	"slices"
	"strconv"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/schema"
)

// inputs declares the inputs of the workflow. It checks that defaults and enums fit the type of
// their input.
func (c *compiler) inputs() {
	t := schema.ObjectOf()
	for _, in := range c.definition.Inputs {
		t.Fields = append(t.Fields, c.input(in, in.Name.Value))
	}
	c.inputType = t
	c.program.Inputs = t
}

// input returns the field of an input, or of a member of one, at a path such as opts.size.
func (c *compiler) input(in definition.Input, path string) schema.Field {
	field := in.Field()
	if len(in.Properties) > 0 {
		field.Type.Fields = nil
		for _, p := range in.Properties {
			field.Type.Fields = append(field.Type.Fields, c.input(p, path+"."+p.Name.Value))
		}
	}
	if in.Items != nil {
		item := c.input(*in.Items, path+"[]").Type
		field.Type.Items = &item
	}
	if isComplete(field.Type) {
		field.Type.Enum = c.enum(in, field.Type, path)
		field.Default = c.inputDefault(in, field.Type, path)
	}
	return field
}

// isComplete reports whether the parser could read all parts of a type.
func isComplete(t schema.Type) bool {
	return t.Kind != "" && (t.Items == nil || isComplete(*t.Items)) && !slices.ContainsFunc(t.Fields, func(f schema.Field) bool { return !isComplete(f.Type) })
}

func (c *compiler) enum(in definition.Input, t schema.Type, path string) []any {
	t.Nullable = false
	var values []any
	for _, v := range in.Parts.Enum {
		if hasProblem(v) {
			continue
		}
		value, err := t.Canonical(plainValue(v))
		if err != nil {
			p := diag.Problem{
				Rule: "bad-enum", Range: v.Range, Label: err.Error(),
				Message: `a value in the enum of input "` + path + `" does not fit its type, ` + string(t.Kind),
			}
			if _, err := withoutLimits(t).Canonical(plainValue(v)); err == nil {
				p.Message = `a value in the enum of input "` + path + `" does not fit the input`
			}
			p.Help, p.Fix = fit(t, v)
			c.report(p)
			continue
		}
		values = append(values, value)
	}
	return values
}

// withoutLimits returns a type without its bounds and its pattern.
func withoutLimits(t schema.Type) schema.Type {
	t.Minimum, t.Maximum, t.Pattern = nil, nil, ""
	return t
}

func (c *compiler) inputDefault(in definition.Input, t schema.Type, path string) any {
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
		Message: `the default of input "` + path + `" does not fit the input`,
	}
	p.Help, p.Fix = fit(t, *in.Default)
	if in.Default.Kind == schema.Null {
		p.Label, p.Help = "is not a value", "if the input may be left out, write required: false instead of the default"
		if in.Type.Nullable {
			p.Help = "remove default:; the input may be left out"
		}
	}
	c.report(firstMisfit(p, t, *in.Default))
	return nil
}

// firstMisfit moves a problem about a value to the first part of the value that does not fit.
func firstMisfit(p diag.Problem, t schema.Type, v definition.Value) diag.Problem {
	part := func(t schema.Type, v definition.Value) (diag.Problem, bool) {
		_, err := t.Canonical(plainValue(v))
		if err == nil {
			return p, false
		}
		p.Range, p.Label = v.Range, err.Error()
		p.Help, p.Fix = fit(t, v)
		return firstMisfit(p, t, v), true
	}
	if t.Items != nil {
		for _, item := range v.Items {
			if moved, misfit := part(*t.Items, item); misfit {
				return moved
			}
		}
	}
	for _, e := range v.Entries {
		switch f, known := t.Field(e.Key.Value); {
		case known && e.Value.Kind != schema.Null:
			if moved, misfit := part(f.Type, e.Value); misfit {
				return moved
			}
		case !known && !t.AllowsMore():
			p.Range, p.Label = e.Key.Range, "is not a member of it"
			p.Help, p.Fix = diag.DidYouMean(e.Key.Value, t.FieldNames()), fix(e.Key.Value, t.FieldNames(), e.Key.Range)
			return p
		}
	}
	return p
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
			if t.Kind == schema.Integer && !json.Valid([]byte(written)) { // 0010 without quotes is refused, too
				n, _ := strconv.Atoi(written)
				return "write it without quotes: " + strconv.Itoa(n), nil
			}
			return "write it without quotes: " + written, edit(written)
		}
	}
	switch t.Kind {
	case schema.Boolean:
		return "write true or false", nil
	case schema.List:
		if v.Kind != schema.List {
			return "write a list, such as [one, two]", nil
		}
	case schema.Object:
		if v.Kind != schema.Object {
			return "write names and their values, such as {name: value}", nil
		}
	}
	return "", nil
}

func isScalar(v definition.Value) bool {
	return v.Kind == schema.Integer || v.Kind == schema.Number || v.Kind == schema.Boolean
}
