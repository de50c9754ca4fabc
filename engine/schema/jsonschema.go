package schema

import "time"

// JSONSchema returns the type as a JSON Schema of draft 7, for encoding/json. If wrap is not nil,
// it may extend the schema of each scalar, for documents in which an expression may replace any
// value.
func (t Type) JSONSchema(wrap func(map[string]any) map[string]any) map[string]any {
	s := map[string]any{}
	kind := map[Kind]string{String: "string", Duration: "string", Integer: "integer", Number: "number", Boolean: "boolean", List: "array", Object: "object"}[t.Kind]
	if kind != "" {
		s["type"] = kind
	}
	if t.Pattern != "" {
		s["pattern"] = t.Pattern
	}
	if t.Kind == Duration {
		s["pattern"] = DurationPattern
	}
	if len(t.Enum) > 0 {
		values := make([]any, len(t.Enum))
		for i, e := range t.Enum {
			values[i] = withoutDurations(e)
		}
		s["enum"] = values
	}
	if t.Minimum != nil {
		s["minimum"] = *t.Minimum
	}
	if t.Maximum != nil {
		s["maximum"] = *t.Maximum
	}
	if t.MaxLength > 0 {
		s["maxLength"] = t.MaxLength
	}
	if t.Kind == List && t.Items != nil {
		s["items"] = t.Items.JSONSchema(wrap)
	}
	if t.Kind == Object {
		t.objectSchema(s, wrap)
	}
	if t.Nullable {
		orNull(s)
	}
	if wrap != nil {
		return wrap(s)
	}
	return s
}

// orNull allows null in addition to what the schema describes.
func orNull(s map[string]any) {
	if kind, is := s["type"]; is {
		s["type"] = []any{kind, "null"}
	}
	if values, is := s["enum"].([]any); is {
		s["enum"] = append(values, nil)
	}
}

// withoutDurations returns a canonical value with each duration as its text.
func withoutDurations(v any) any {
	switch v := v.(type) {
	case time.Duration:
		return FormatDuration(v)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = withoutDurations(v[i])
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for name := range v {
			object[name] = withoutDurations(v[name])
		}
		return object
	}
	return v
}

func (t Type) objectSchema(s map[string]any, wrap func(map[string]any) map[string]any) {
	if t.Items != nil {
		s["additionalProperties"] = t.Items.JSONSchema(wrap)
	}
	if t.Fields == nil {
		return
	}
	properties, required := map[string]any{}, []any{}
	for _, f := range t.Fields {
		kind := f.Type
		kind.Nullable = kind.Nullable || !f.Required // an optional field may be null
		p := kind.JSONSchema(wrap)
		if f.Description != "" {
			p["description"] = f.Description
		}
		if f.Default != nil {
			p["default"] = withoutDurations(f.Default)
		}
		properties[f.Name] = p
		if f.Required {
			required = append(required, f.Name)
		}
	}
	s["properties"] = properties
	s["additionalProperties"] = t.Open
	if len(required) > 0 {
		s["required"] = required
	}
}
