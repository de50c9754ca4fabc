package intake_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"errand/engine/intake"
)

// hook loads the rules of a webhook with a schema. The only rule has the condition.
func hook(schema, condition string) (*intake.Source, string) {
	l := loader()
	l.Library.Opened = func(file string) ([]byte, bool) {
		return []byte(schema), filepath.Base(file) == "payload.json" || filepath.Base(file) == "payload.yaml"
	}
	name := "payload.json"
	if !strings.HasPrefix(schema, "{") {
		name = "payload.yaml"
	}
	text := fmt.Sprintf("version: 1\nsource: portal\nschema: %s\nrules:\n- name: all\n  workflow: stop-instance\n  request: x\n  if: '%s'\n  with: {instance_id: i-0a1b2c3d4e5f60001}\n", name, condition)
	s, problems := l.Load("portal.intake.yaml", []byte(text))
	var said strings.Builder
	for _, p := range problems {
		said.WriteString(p.Message + "; " + p.Label + "\n")
	}
	return s, said.String()
}

func TestPayloadSchema(t *testing.T) {
	for _, c := range []struct {
		name, schema, condition string
		problem                 string // of the check; "" if there is none
		good, bad               []string
	}{
		{
			name: "a number", schema: `{"properties": {"n": {"type": "integer", "minimum": 2, "maximum": 4}}, "required": ["n"]}`, condition: `payload.n > 3`,
			good: []string{`{"n": 4}`, `{"n": 4, "more": true}`}, bad: []string{`{}`, `{"n": 5}`, `{"n": 4.5}`, `{"n": "4"}`, `{"n": null}`, `[4]`, `4`, ``},
		},
		{
			name: "an optional text", schema: `{"properties": {"a": {"type": "string"}}}`, condition: `payload.a == "x"`,
			good: []string{`{"a": "x"}`}, bad: []string{`{"a": 1}`, `{"a": ["x"]}`},
		},
		{name: "an optional text that is used", schema: `{"properties": {"a": {"type": "string"}}}`, condition: `len(payload.a) > 1`, problem: "payload.a may be null: a payload may not have it"},
		{name: "a member that is not declared", schema: `{"properties": {"a": {"type": "string"}}}`, condition: `payload.b == "x"`, problem: `"payload" has no "b"`},
		{
			name: "any members", schema: `{"type": "object"}`, condition: `payload.b == "x"`,
			good: []string{`{"b": "x"}`}, bad: []string{`"b"`},
		},
		{
			name: "members that are allowed", schema: `{"properties": {"a": {"type": "string"}}, "additionalProperties": true}`, condition: `payload.b == "x"`,
			good: []string{`{"b": "x"}`}, bad: []string{`{"b": "x", "a": 1}`},
		},
		{
			name: "members of a type", schema: `{"properties": {"a": {"type": "string"}}, "additionalProperties": {"type": "integer"}}`, condition: `(payload.b ?? 0) > 1`,
			good: []string{`{"b": 2}`}, bad: []string{`{"b": "x"}`},
		},
		{
			name: "no other members", schema: `{"properties": {"a": {"type": "string"}}, "additionalProperties": false}`, condition: `payload.a == "x"`,
			good: []string{`{"a": "x"}`}, bad: []string{`{"a": "x", "b": 1}`},
		},
		{
			name: "a list of objects", schema: `{"properties": {"l": {"type": "array", "items": {"properties": {"id": {"type": "string"}}, "required": ["id"]}}}, "required": ["l"]}`,
			condition: `any(payload.l, .id == "x")`, good: []string{`{"l": [{"id": "y"}, {"id": "x"}]}`}, bad: []string{`{"l": [{}]}`, `{"l": {}}`, `{"l": [1]}`},
		},
		{
			name: "null is allowed", schema: `{"properties": {"a": {"type": ["null", "boolean"]}}, "required": ["a"]}`, condition: `payload.a`,
			good: []string{`{"a": true}`}, bad: []string{`{"a": 1}`},
		},
		{
			name: "an enum of several kinds", schema: `{"properties": {"a": {"enum": ["x", 1]}}, "required": ["a"]}`, condition: `payload.a == "x"`,
			good: []string{`{"a": "x"}`}, bad: []string{`{"a": "y"}`, `{"a": 2}`},
		},
		{
			name: "in YAML", schema: "type: object\nrequired: [a]\nproperties:\n  a: {type: string, pattern: ^x}\n", condition: `payload.a == "x"`,
			good: []string{`{"a": "x"}`}, bad: []string{`{"a": "y"}`},
		},
		{name: "not an object", schema: `{"type": ["object", "null"]}`, condition: `true == payload.a`, problem: "the payload of a webhook must be an object"},
		{name: "no type at all", schema: `{}`, condition: `payload.a == 1`, problem: "the payload of a webhook must be an object"},
		{name: "draft 4 tuple", schema: `{"properties": {"a": {"type": "array", "items": [{"type": "string"}]}}}`, condition: `payload.a != nil`, problem: "the schema of the items must be an object, not a list"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, said := hook(c.schema, c.condition)
			if c.problem != "" {
				if s != nil || !strings.Contains(said, c.problem) {
					t.Errorf("got %q, want %q", said, c.problem)
				}
				return
			}
			if said != "" {
				t.Fatalf("the check says %s", said)
			}
			for _, data := range c.good {
				v, err := s.ReadPayload([]byte(data))
				if err != nil {
					t.Errorf("%s: %v", data, err)
					continue
				}
				if m, ok := s.Match(v); !ok || !m.Fits() {
					t.Errorf("%s: got %+v, %t", data, m, ok)
				}
			}
			for _, data := range c.bad {
				if _, err := s.ReadPayload([]byte(data)); err == nil {
					t.Errorf("%s is accepted", data)
				}
			}
		})
	}
}

// Whatever a file has, its check ends with a source or with an error.
func FuzzLoad(f *testing.F) {
	files, err := filepath.Glob(casesFolder + "/*/*/*")
	if err != nil || len(files) < 50 {
		f.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), `{"type": "object"}`)
		f.Add(ruleOfStart, string(text))
	}
	f.Fuzz(func(t *testing.T, text, schema string) {
		l := loader()
		l.Library.Opened = func(string) ([]byte, bool) { return []byte(schema), true }
		for _, text := range []string{text, "version: 1\nsource: portal\nschema: payload.json\nrules:\n- {name: all, workflow: none, request: x, if: payload.a == 1}\n"} {
			s, problems := l.Load("intake.yaml", []byte(text))
			if s == nil && len(problems) == 0 {
				t.Error("there is neither a source nor a problem")
			}
		}
	})
}
