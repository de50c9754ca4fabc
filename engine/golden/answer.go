package golden

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"errand/engine/schema"
	"errand/engine/task"
)

// reply returns the reply of the mock to a call of a task type. Its error says how the outputs of
// the mock do not fit those of the type.
func (m *Mock) reply(t task.Type) (task.Reply, error) {
	switch {
	case m.Fails != nil:
		f := m.Fails
		return task.Reply{Failure: &task.Failure{
			Code: f.Code, Message: f.Message, Status: f.Status, Transient: f.Transient, Unknown: f.Unknown, RetryAfter: time.Duration(f.RetryAfter),
		}}, nil
	case m.Again != nil:
		return task.Reply{Again: &task.Again{After: time.Duration(m.Again.After), Note: m.Again.Note, Settled: m.Again.Settled, Absent: m.Again.Absent}}, nil
	}
	outputs := map[string]json.RawMessage{"success": []byte("true"), "result_code": []byte("0"), "result_message": []byte(`"done"`)}
	for _, f := range t.Output.Fields {
		if f.Type.Nullable {
			outputs[f.Name] = []byte("null")
		}
	}
	maps.Copy(outputs, m.Returns)
	data, err := json.Marshal(outputs)
	if err != nil {
		return task.Reply{}, err
	}
	value, err := t.Output.Decode(data)
	if err != nil {
		misfits := strings.Join(slices.Compact(strings.Split(err.Error(), "\n")), "; ")
		return task.Reply{}, fmt.Errorf("%s does not return that: %s", t.Name, misfits)
	}
	return task.Reply{Output: schema.Encode(value)}, nil
}

// ownOutputs are the outputs that every task type has and that a mock may omit.
var ownOutputs = []string{"success", "result_code", "result_message"}

// blank returns the outputs of a task type as a mock has them, with values to be filled in.
func blank(t task.Type) string {
	var fields []string
	for _, f := range t.Output.Fields {
		if f.Type.Nullable || slices.Contains(ownOutputs, f.Name) {
			continue
		}
		fields = append(fields, f.Name+": "+blanks[f.Type.Kind])
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

var blanks = map[schema.Kind]string{
	schema.String: "…", schema.Integer: "0", schema.Number: "0", schema.Boolean: "true",
	schema.Duration: "1s", schema.List: "[]", schema.Object: "{}", schema.Any: "null",
}

// plainKey formats a step's key as YAML within braces.
func plainKey(key string) string {
	if strings.ContainsAny(key, "[]") {
		return `"` + key + `"`
	}
	return key
}
