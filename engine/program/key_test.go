package program_test

import (
	"strings"
	"testing"

	"errand/engine/hosttest"
	"errand/engine/program"
)

func TestKey(t *testing.T) {
	var run program.Key
	fleet := run.Step("fleet")
	for key, want := range map[program.Key]string{
		fleet:                                  "fleet",
		fleet.Item(3).Step("restart"):          "fleet[3].restart",
		fleet.AnyItem().Step("restart"):        "fleet[].restart",
		run.Step("steps[2]").Item(0).Step("a"): "steps[2][0].a",
		run.Step("notify").Step("send"):        "notify.send",
	} {
		if string(key) != want {
			t.Errorf("got the key %s, want %s", key, want)
		}
	}
	if name := fleet.AnyItem().Step("restart").Name(); name != "fleet.restart" {
		t.Errorf("Name returns %s", name)
	}
}

func TestKeyMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, key program.Key
		matches      bool
	}{
		{"start", "start", true},
		{"start", "stop", false},
		{"start", "start2", false},
		{"fleet[].restart", "fleet[0].restart", true},
		{"fleet[].restart", "fleet[12].restart", true},
		{"fleet[].restart", "fleet[].restart", false},
		{"fleet[].restart", "fleet[01].restart", false},
		{"fleet[].restart", "fleet[x].restart", false},
		{"fleet[].restart", "fleet[0].restarted", false},
		{"fleet[].restart", "fleet[0]", false},
		{"fleet[1].restart", "fleet[1].restart", true},
		{"fleet[1].restart", "fleet[2].restart", false},
		{"a[].b[].c", "a[1].b[22].c", true},
		{"a[].b[].c", "a[1].b.c", false},
		{"steps[2][].x", "steps[2][5].x", true},
		{"steps[2][].x", "steps[3][5].x", false},
		{"", "", true},
	} {
		if got := c.pattern.Matches(c.key); got != c.matches {
			t.Errorf("%q matches %q: %v", c.pattern, c.key, got)
		}
		if c.matches && c.pattern.Shape() != c.key.Shape() {
			t.Errorf("%q has the shape %q, and %q the shape %q", c.pattern, c.pattern.Shape(), c.key, c.key.Shape())
		}
	}
}

// A loop, a branch, a handler and a subworkflow, each with steps inside: every place has the key
// that the step has in a run, and its position.
func TestPlaces(t *testing.T) {
	const inner = `workflow: inner
steps:
  - {id: send, task: stub.pure, with: {text: x}}
finally:
  - {id: last, task: stub.pure, with: {text: x}}
`
	loader := program.Loader{Registry: hosttest.Registry(func() {}), Find: func(string) (string, []byte, error) { return "inner.yaml", []byte(inner), nil }}
	p, problems := loader.Load("outer.yaml", []byte(`workflow: outer
steps:
  - id: fleet
    for_each: [1, 2]
    as: host
    steps:
      - {id: look, task: stub.pure, with: {text: x}, undo: [{id: back, task: stub.pure, with: {text: x}}]}
      - {id: both, parallel: {a: [{id: left, task: stub.pure, with: {text: x}}], b: [{task: stub.pure, with: {text: x}}]}}
  - {id: notify, workflow: inner, on_failure: [{id: instead, task: stub.pure, with: {text: x}}]}
on_failure:
  - {id: tell, task: stub.pure, with: {text: x}}
`))
	if p == nil {
		t.Fatalf("%v", problems)
	}
	var got []string
	for s := range p.AllPlaces() {
		var line strings.Builder
		line.WriteString(string(s.Key) + " " + string(s.Section))
		for _, around := range s.Around {
			line.WriteString(" < " + around.Step.Key + []string{"", " undo", " on_failure"}[around.List])
		}
		if s.AfterMainSteps() {
			line.WriteString(", at the end")
		}
		got = append(got, line.String())
	}
	want := []string{
		"fleet steps",
		"fleet[].look steps < fleet",
		"fleet[].back steps < fleet < look undo, at the end",
		"fleet[].both steps < fleet",
		"fleet[].left steps < fleet < both",
		"fleet[].steps[0].steps[1].parallel.b[0] steps < fleet < both",
		"notify steps",
		"notify.send steps < notify",
		"notify.last finally < notify, at the end",
		"instead steps < notify on_failure",
		"tell on_failure, at the end",
	}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("place %d differs:\ngot  %q\nwant %q", i, got, want)
		}
	}
	own := 0
	for range p.Places() {
		own++
	}
	if own != len(want)-2 {
		t.Errorf("got %d places without those of the subworkflow", own)
	}
	for key, holds := range map[program.Key]bool{
		"fleet": true, "fleet[1].left": true, "fleet[0].back": true, "notify.send": false, "left": false, "fleet[1].send": false,
	} {
		if got := p.Steps[0].Holds(key); got != holds {
			t.Errorf("Holds(%s) of fleet is %v", key, got)
		}
	}
	if !p.Steps[1].Holds("notify.last") || !p.Steps[1].Holds("instead") {
		t.Error("Holds of notify is false for the steps of its subworkflow or of its handler")
	}
}
