package task

import (
	"encoding/json"
	"slices"

	"errand/engine/schema"
)

// Known returns the outputs in data that fit the type, or nil if there are none. Outputs may be
// missing.
func (t Type) Known(data json.RawMessage) map[string]any {
	if len(data) == 0 {
		return nil
	}
	partial := t.Output
	partial.Fields = slices.Clone(partial.Fields)
	for i := range partial.Fields {
		partial.Fields[i].Required = false
		partial.Fields[i].Type.Nullable = true
	}
	value, err := partial.Decode(data)
	if err != nil {
		return nil
	}
	known, _ := value.(map[string]any)
	return known
}

// Complete reports whether outputs have a value for each output that is never null.
func (t Type) Complete(outputs map[string]any) bool {
	return !slices.ContainsFunc(t.Output.Fields, func(f schema.Field) bool { return !f.Type.Nullable && outputs[f.Name] == nil })
}

// NothingKnown is an Again.Output without outputs.
var NothingKnown = json.RawMessage("{}")

// AllKnown returns an Again.Output with all outputs. out is the output struct of the type.
func AllKnown(out any) json.RawMessage { return outputReply(out).Output }
