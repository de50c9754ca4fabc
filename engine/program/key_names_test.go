package program_test

import (
	"testing"

	"errand/engine/hosttest"
	"errand/engine/program"
)

// A key is shown with the task types and forms of the steps that have no id.
func TestKeyNames(t *testing.T) {
	p, problems := program.Loader{Registry: hosttest.Registry(func() {})}.Load("names.yaml", []byte(`workflow: names
steps:
  - id: named
    task: stub.pure
    with: {text: a}
  - steps:
      - task: stub.pure
        with: {text: a}
        undo:
          - task: stub.pure
            with: {text: a}
  - for_each: [a, b]
    as: outer
    steps:
      - id: each
        for_each: [a, b]
        as: other
        steps:
          - task: stub.pure
            with: {text: a}
            on_failure:
              - fail: "no"
`))
	if p == nil {
		t.Fatalf("%v", problems)
	}
	names := p.KeyNames()
	for key, want := range map[string]string{
		"named":                     "named",
		"steps[1]":                  "steps",
		"steps[1].steps[0]":         "stub.pure",
		"steps[1].steps[0].undo[0]": "stub.pure",
		"steps[2]":                  "for_each",
		"steps[2][3].each":          "for_each[3].each",
		"steps[2][3].each[12].steps[2].steps[0].steps[0]":               "for_each[3].each[12].stub.pure",
		"steps[2][3].each[12].steps[2].steps[0].steps[0].on_failure[0]": "for_each[3].each[12].fail",
		"outputs.address": "outputs.address",
		"":                "",
	} {
		if got := names.Of(key); got != want {
			t.Errorf("%s is shown as %s, want %s", key, got, want)
		}
	}
	if got := names.Longest(20); got != len("for_each[0].each") {
		t.Errorf("the longest name up to 20 bytes has %d", got)
	}
	var unknown *program.Program
	if got := unknown.KeyNames().Of("steps[1]"); got != "steps[1]" {
		t.Errorf("without a program, steps[1] is shown as %s", got)
	}
}
