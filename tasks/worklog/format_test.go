package worklog

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"errand/engine/patience"
	"errand/engine/schema"
	"errand/engine/task"
)

func formatted(t *testing.T, input string) string {
	t.Helper()
	reply := format().Run(t.Context(), task.Call{Input: json.RawMessage(input)})
	if reply.Failure != nil {
		t.Fatalf("failed: %v", reply.Failure)
	}
	var out formatOutput
	if err := json.Unmarshal(reply.Output, &out); err != nil {
		t.Fatal(err)
	}
	if _, err := format().Output.Decode(reply.Output); err != nil {
		t.Errorf("the output does not fit its type: %v", err)
	}
	return out.Text
}

func TestFormat(t *testing.T) {
	cases := []struct {
		name  string
		input string
		want  string
	}{
		{"heading, fields and note stand apart",
			`{"heading":"EC2 instance i-1 started","fields":{"Previous state":"stopped","Current state":"pending"},"note":"It needs a minute."}`,
			"EC2 instance i-1 started\n\nPrevious state:  stopped\nCurrent state:   pending\n\nIt needs a minute."},
		{"fields keep the order written, not the alphabet's", `{"fields":{"b":1,"a":2}}`, "b:  1\na:  2"},
		{"a heading alone", `{"heading":"Done"}`, "Done"},
		{"a note alone", `{"note":"Done"}`, "Done"},
		{"parts that are null are absent", `{"heading":"Done","fields":null,"note":null,"template":null}`, "Done"},
		{"every kind of value",
			`{"fields":{"text":"a","number":1.50,"big":12345678901234567890,"yes":true,"none":null,"wait":"2m","list":["a",1,null],"empty":[],"object":{"b": 1, "a": [2]}}}`,
			"text:    a\nnumber:  1.50\nbig:     12345678901234567890\nyes:     true\nnone:    -\nwait:    2m\nlist:    a, 1, -\nempty:\nobject:  {\"b\":1,\"a\":[2]}"},
		{"further lines of a value stand below its first", `{"fields":{"Output":"one\ntwo\r\n\r\nthree","x":"y"}}`, "Output:  one\n         two\n\n         three\nx:       y"},
		{"a label is one line", `{"fields":{" My\n label\t":"x"}}`, "My label:  x"},
		{"wide and combining characters are counted as shown", `{"fields":{"状態":"a","cafe\u0301":"b"}}`, "状態:  a\ncafe\u0301:  b"},
		{"a template is the whole text", `{"template":"Hello\n  world"}`, "Hello\n  world"},
		{"what looks like an expression is data", `{"heading":"${{ inputs.x }} {{.}}"}`, "${{ inputs.x }} {{.}}"},
		{"ends of lines are unified", `{"template":"a\r\nb\rc\u2028d"}`, "a\nb\nc\nd"},
		{"control characters are taken out", `{"template":"a\u0000b\u001b[31mc\u007fd\u009be\u0085f"}`, "ab[31mcdef"},
		{"a tab becomes spaces", `{"template":"a\tb"}`, "a    b"},
		{"hidden characters are taken out", `{"template":"\ufeffpay\u202egnp.exe\u2066\u200b\u200d!"}`, "paygnp.exe!"},
		{"spaces at the end of a line and empty lines at the ends go", `{"template":"\n\n  a  \nb \n\n"}`, "  a\nb"},
		{"joiners of letters and of emoji stay", `{"template":"می\u200cخواهم क\u094d\u200dष 👨\u200d👩\u200d👧 ❤\ufe0f\u200d🔥"}`, "می\u200cخواهم क\u094d\u200dष 👨\u200d👩\u200d👧 ❤\ufe0f\u200d🔥"},
		{"labels and values with joiners", `{"fields":{"می\u200cخواهم":"👩🏽\u200d🚒"}}`, "می\u200cخواهم:  👩🏽\u200d🚒"},
		{"markup stays as it is", `{"heading":"<b>&amp;"}`, "<b>&amp;"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := formatted(t, c.input); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestFormatRefuses(t *testing.T) {
	cases := []struct{ name, input, want string }{
		{"nothing at all", `{}`, "nothing to format"},
		{"a template beside a heading", `{"template":"a","heading":"b"}`, "template is the whole text"},
		{"a template beside fields", `{"template":"a","fields":{"b":1}}`, "template is the whole text"},
		{"fields that are a list", `{"fields":["a"]}`, "is not an object"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			reply := format().Run(t.Context(), task.Call{Input: json.RawMessage(c.input)})
			if reply.Failure == nil || reply.Failure.Code != task.CodeInput || !strings.Contains(reply.Failure.Message, c.want) {
				t.Errorf("got %+v, want a failure that says %q", reply.Failure, c.want)
			}
		})
	}
}

func TestFieldsAreAnOpenObject(t *testing.T) {
	field, _ := format().Input.Field("fields")
	if field.Type.Kind != schema.Object || !field.Type.Open {
		t.Errorf("got %+v", field.Type)
	}
}

func FuzzFormat(f *testing.F) {
	f.Add("EC2 instance started", "State", `"running"`, "note")
	f.Add("\x00\u202e", "\r\n", `{"a":[1,null]}`, "\xff")
	f.Add(strings.Repeat("é\t", 9000), "状態", `["a\nb"]`, strings.Repeat(" \n", 9000))
	f.Fuzz(func(t *testing.T, heading, label, value, note string) {
		if !json.Valid([]byte(value)) {
			value = string(schema.Encode(value))
		}
		var text string
		patience.Within(t, "formatting", func() {
			text = task.CutText(layout(heading, Fields{{Label: label, Value: json.RawMessage(value)}}, note))
		})
		if !utf8.ValidString(text) {
			t.Errorf("not valid UTF-8: %q", text)
		}
		if len(text) > task.TextLimit {
			t.Errorf("%d bytes", len(text))
		}
		if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }); i >= 0 {
			t.Errorf("holds %q", text[i:min(len(text), i+8)])
		}
		if again := task.CutText(task.CleanText(text)); again != text {
			t.Errorf("formatted again: %q became %q", text, again)
		}
	})
}
