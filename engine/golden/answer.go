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
		return m.Again.reply(t)
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
		var misfits []string
		for _, m := range schema.Misfits(err) {
			misfits = append(misfits, withHelp(m))
		}
		return task.Reply{}, fmt.Errorf("%s does not return that: %s", t.Name, strings.Join(slices.Compact(misfits), "; "))
	}
	return task.Reply{Output: schema.Encode(value)}, nil
}

// reply returns the reply of a mock whose task is not done yet.
func (a *Again) reply(t task.Type) (task.Reply, error) {
	again := &task.Again{After: time.Duration(a.After), Note: a.Note, Settled: a.Settled}
	if !a.Settled {
		return task.Reply{Again: again}, nil
	}
	again.Output = task.NothingKnown
	if a.Returns != nil {
		data, err := json.Marshal(a.Returns)
		if err != nil {
			return task.Reply{}, err
		}
		if again.Output = data; t.Known(data) == nil {
			return task.Reply{}, fmt.Errorf("%s does not return that: %s", t.Name, data)
		}
	}
	return task.Reply{Again: again}, nil
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
