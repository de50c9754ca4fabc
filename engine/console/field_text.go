package console

import (
	"encoding/json"
	"fmt"
	"strings"

	"errand/engine/home"
	"errand/engine/schema"
)

// fieldText returns a value as the text of a form's field, which addText reads.
func fieldText(t schema.Type, v any) string {
	switch {
	case v == nil:
		return ""
	case len(t.Enum) > 0:
		return choiceText(v)
	case hasLines(t):
		if lines, ok := linesOf(*t.Items, v); ok {
			return lines
		}
	}
	return textOf(schema.Encode(v))
}

// choiceText returns a value of an enum as a text. An empty text is not the same as no choice.
func choiceText(v any) string {
	if v == "" {
		return `""`
	}
	return textOf(schema.Encode(v))
}

// hasLines reports whether a list is written with one item a line.
func hasLines(t schema.Type) bool {
	if t.Kind != schema.List || t.Items == nil || len(t.Enum) > 0 || t.Items.Nullable {
		return false
	}
	switch t.Items.Kind {
	case schema.String, schema.Integer, schema.Number, schema.Boolean, schema.Duration:
		return true
	}
	return false
}

// linesOf returns a list with one item a line. ok is false if that text would mean another list.
func linesOf(item schema.Type, v any) (text string, ok bool) {
	list, _ := v.([]any)
	lines := make([]string, len(list))
	for i, one := range list {
		lines[i] = textOf(schema.Encode(one))
		if item.Kind == schema.String && (strings.TrimSpace(lines[i]) != lines[i] || lines[i] == "" || strings.Contains(lines[i], "\n")) {
			return "", false
		}
	}
	text = strings.Join(lines, "\n")
	return text, len(list) > 0 && !strings.HasPrefix(text, "[")
}

// isUnset reports whether the text of a field means that the input has no value. The empty text of an
// input whose default is another text is a value, if it fits: the person has emptied the field.
func isUnset(f schema.Field, text string) bool {
	if f.Type.Kind != schema.String || len(f.Type.Enum) > 0 {
		return strings.TrimSpace(text) == ""
	}
	if text != "" {
		return false
	}
	_, err := f.Type.Canonical("")
	return f.Default == nil || err != nil
}

// addText adds an input as a person has written it in a form.
func addText(in *home.Inputs, f schema.Field, text string) []home.InputProblem {
	text = strings.ReplaceAll(text, "\r\n", "\n") // as browsers send line breaks
	if isUnset(f, text) {
		return nil
	}
	for _, choice := range f.Type.Enum {
		if choiceText(choice) == text {
			return in.AddValue(f.Name, schema.Encode(choice))
		}
	}
	if hasLines(f.Type) && !strings.HasPrefix(strings.TrimSpace(text), "[") {
		return addLines(in, f, text)
	}
	return in.AddText(f.Name, text)
}

// addLines adds a list with one item a line. Empty lines mean nothing.
func addLines(in *home.Inputs, f schema.Field, text string) (problems []home.InputProblem) {
	items := []any{}
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		item, err := f.Type.Items.FromText(line)
		if err != nil {
			problems = append(problems, home.MisfitsOf(fmt.Sprintf("%s[%d]", f.Name, len(items)), err)...)
		}
		items = append(items, item)
	}
	if len(problems) > 0 {
		return problems
	}
	return in.AddValue(f.Name, schema.Encode(items))
}

// encodeInputs returns inputs as the HTTP interface takes them.
func encodeInputs(given map[string]any) map[string]json.RawMessage {
	encoded := map[string]json.RawMessage{}
	for name, v := range given {
		encoded[name] = schema.Encode(v)
	}
	return encoded
}
