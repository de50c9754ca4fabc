package task_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"errand/engine/task"
)

type ruledIn struct {
	Image    string   `json:"image"`
	Template string   `json:"template"`
	Names    []string `json:"names"`
	Token    string   `json:"token"`
	Low      int      `json:"low"`
	High     int      `json:"high"`
}

func ruled(calls *int) task.Type {
	return task.Define("stub.ruled", "Has rules.", task.Reads, func(context.Context, task.Call, ruledIn) (struct{}, error) {
		*calls++
		return struct{}{}, nil
	}).WithRules(
		task.AnyOf("there is no image", "image", "template"),
		task.Excludes("names belong to the template", "image", "names"),
		task.Form("digits", `^[0-9]*$`, "token"),
		task.AtMost(4, "token"),
		task.Judged("low is not above high.", func(in ruledIn) *task.Breach {
			if in.Image != "" {
				return &task.Breach{Parameter: "image", Reason: "is not a parameter of the rule"}
			}
			if in.Low > in.High {
				return &task.Breach{Parameter: "low", Reason: "is above high"}
			}
			return nil
		}, "low", "high"),
	)
}

// An input that breaks a rule never reaches the function of its type.
func TestRules(t *testing.T) {
	for _, test := range []struct{ name, input, want string }{
		{"one of two is given", `{"image":"a"}`, ""},
		{"the other one is given", `{"template":"a"}`, ""},
		{"none is given", `{}`, "there is no image; give image or template"},
		{"what is null or empty is not given", `{"image":null,"template":""}`, "there is no image; give image or template"},
		{"both are given", `{"image":"a","names":["b"]}`, "names belong to the template; it cannot be combined with names"},
		{"an empty list is not given", `{"image":"a","names":[]}`, ""},
		{"a text of another form", `{"image":"a","token":"x"}`, `token is "x"; expected digits`},
		{"a text that is too long", `{"image":"a","token":"12345"}`, "token has 5 bytes; expected at most 4"},
		{"null has no form", `{"image":"a","token":null}`, ""},
		{"values that a function refuses", `{"image":"a","low":2,"high":1}`, "low is above high"},
		{"a value that the function does not get", `{"image":"a","low":1,"high":2}`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			calls := 0
			reply := ruled(&calls).Run(t.Context(), task.Call{Input: json.RawMessage(test.input)})
			switch {
			case test.want == "" && (reply.Output == nil || calls != 1):
				t.Errorf("got %+v after %d calls", reply.Failure, calls)
			case test.want != "" && (reply.Failure == nil || reply.Failure.Code != task.CodeInput || reply.Failure.Message != test.want || calls != 0):
				t.Errorf("got %+v after %d calls, want %q", reply.Failure, calls, test.want)
			}
		})
	}
}

// A call that goes on after one that was made is not refused: it may have had an effect.
func TestRulesLeaveEarlierCallsAlone(t *testing.T) {
	for name, call := range map[string]task.Call{"after a crash": {Recover: true}, "after its effect": {Settled: true}, "after a first call": {Note: "stopped"}} {
		calls := 0
		call.Input = json.RawMessage(`{}`)
		if reply := ruled(&calls).Run(t.Context(), call); reply.Output == nil || calls != 1 {
			t.Errorf("%s: got %+v", name, reply.Failure)
		}
	}
}

func TestRulesAreShown(t *testing.T) {
	typ := ruled(new(int))
	want := "At least one of image and template is required.|If image is given, names must not be given.|" +
		"low is not above high."
	if got := strings.Join(typ.Sentences(), "|"); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	shown, _ := typ.Parameters().Field("token")
	own, _ := typ.Input.Field("token")
	if shown.Type.Pattern == "" || shown.Type.MaxLength != 4 || own.Type.Pattern != "" || own.Type.MaxLength != 0 {
		t.Errorf("the type of token is shown as %+v, and is %+v", shown.Type, own.Type)
	}
	if n := len(typ.RuleSchemas()); n != 2 {
		t.Errorf("%d rules have a schema of their own, want 2", n)
	}
}

func TestWrongRulesPanic(t *testing.T) {
	type in struct {
		Text string `json:"text" pattern:"^a"`
		Kind string `json:"kind" default:"x"`
	}
	typ := task.Define("stub.wrong", "", task.Pure, func(context.Context, task.Call, in) (struct{}, error) { return struct{}{}, nil })
	for name, rule := range map[string]task.Rule{
		"a parameter that does not exist": task.AtMost(1, "texts"),
		"a pattern beside a pattern":      task.Form("b", "^b", "text"),
		"a parameter that has a default":  task.AnyOf("nothing", "text", "kind"),
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("there was no panic")
				}
			}()
			typ.WithRules(rule)
		})
	}
}
