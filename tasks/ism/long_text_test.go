package ism

import (
	"encoding/json"
	"strings"
	"testing"

	"errand/engine/task"
	format "errand/tasks/worklog"
)

// What worklog.format makes of any text fits every parameter for a text; what is longer is refused,
// or shortened, before a request is sent.
func TestFormattedTextsFit(t *testing.T) {
	input, err := json.Marshal(map[string]string{"template": strings.Repeat("é", task.TextLimit)})
	if err != nil {
		t.Fatal(err)
	}
	reply := format.Connector().Types[0].Run(t.Context(), task.Call{Input: input})
	var made struct{ Text string }
	if json.Unmarshal(reply.Output, &made) != nil || len(made.Text) < task.TextLimit/2 {
		t.Fatalf("got %d bytes and %+v", len(made.Text), reply.Failure)
	}
	limits := 0
	for _, typ := range Connector(task.Environment{}).Types {
		for _, r := range typ.Rules {
			if r.Kind != task.AtMostKind {
				continue
			}
			for _, p := range r.Parameters {
				limits++
				with := func(text string) json.RawMessage {
					data, _ := json.Marshal(map[string]string{p: text})
					return data
				}
				if f := typ.Refuse(with(made.Text)); f != nil {
					t.Errorf("%s refuses a formatted text as %s: %s", typ.Name, p, f.Message)
				}
				if f := typ.Refuse(with(made.Text + strings.Repeat("x", 100))); f == nil || f.Code != task.CodeInput {
					t.Errorf("%s accepts a longer text as %s", typ.Name, p)
				}
			}
		}
	}
	if limits < 10 {
		t.Errorf("only %d parameters have a limit", limits)
	}
}
