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

// NothingKnownBut is an Again.Output without outputs of the type. The message says what is done so
// far.
func NothingKnownBut(message string) json.RawMessage {
	data, err := json.Marshal(map[string]string{"result_message": message})
	if err != nil {
		panic("task: a text that cannot be encoded: " + err.Error())
	}
	return data
}

// AllKnown returns an Again.Output with all outputs. out is the output struct of the type. Its
// summary says what is done so far.
func AllKnown(out any) json.RawMessage { return outputReply(out).Output }
