package lsp_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// In a test case, the keys and values of its YAML parts are proposed, each by the schema of its part,
// and keys are explained. The other parts are left alone.
func TestTestCases(t *testing.T) {
	const head = "It works.\n\n"
	for _, test := range []struct {
		name, text string
		with       []string // some of the proposals
		without    []string
		inserts    string // by the first of them
		hover      string // a part of the explanation
	}{
		{name: "keys of a case", text: head + "-- case.yaml --\nworkflow: w\n‸\n-- trace --\n", with: []string{"request", "decisions", "expect"}, without: []string{"workflow", "task", "faults"}, inserts: "request: "},
		{name: "keys of a decision", text: head + "-- case.yaml --\ndecisions:\n  ask:\n    ‸\n", with: []string{"verdict", "after", "by"}, without: []string{"workflow"}},
		{name: "keys in braces", text: head + "-- case.yaml --\ndecisions:\n  ask: {after: 1m, ‸}\n", with: []string{"verdict"}, without: []string{"after"}},
		{name: "a verdict", text: head + "-- case.yaml --\ndecisions:\n  ask:\n    verdict: ‸\n", with: []string{"approve", "reject", "done"}, inserts: "approve"},
		{name: "a verdict behind the colon", text: head + "-- case.yaml --\ndecisions:\n  ask:\n    verdict:‸\n", with: []string{"approve"}, inserts: " approve"},
		{name: "a status", text: head + "-- case.yaml --\nexpect:\n  status: ‸\n", with: []string{"succeeded", "waiting"}, without: []string{"skipped"}},
		{name: "the status of a step", text: head + "-- case.yaml --\nexpect:\n  steps:\n    note: ‸\n", with: []string{"skipped", "not reached"}},
		{name: "a later verdict", text: head + "-- case.yaml --\ndecisions:\n  ask:\n    then:\n      - verdict: ‸\n", with: []string{"retry", "done"}},
		{name: "keys of a later decision", text: head + "-- case.yaml --\ndecisions:\n  ask:\n    then:\n      - ‸\n", with: []string{"verdict"}, without: []string{"then"}},
		{name: "steps that ask", text: head + "-- case.yaml --\nworkflow: start-instance\ndecisions:\n  ‸\n", with: []string{"start"}, inserts: "start:"},
		{name: "steps", text: head + "-- case.yaml --\nworkflow: start-instance\nexpect:\n  steps: {start: succeeded, ‸}\n", with: []string{"close"}, without: []string{"start", "status"}, inserts: "close: "},
		{name: "steps of no workflow", text: head + "-- case.yaml --\nworkflow: no-such\nexpect:\n  steps:\n    ‸\n"},
		{name: "inputs", text: head + "-- case.yaml --\nworkflow: start-instance\ninputs:\n  ‸\n", with: []string{"instance_id"}, inserts: "instance_id: "},
		{name: "the step of a mock", text: head + "-- mocks.yaml --\n- step: ‸\n-- case.yaml --\nworkflow: start-instance\n", with: []string{"start"}, inserts: "start"},
		{name: "parameters of a mock", text: head + "-- case.yaml --\nworkflow: start-instance\n-- mocks.yaml --\n- step: start\n  with:\n    ‸\n", with: []string{"instance_id"}, without: []string{"success"}},
		{name: "outputs of a mock", text: head + "-- mocks.yaml --\n- task: ec2.start_instance\n  returns: {‸}\n", with: []string{"current_instance_state"}},
		{name: "keys of a mock", text: head + "-- case.yaml --\nworkflow: w\n-- mocks.yaml --\n- task: a.b\n  ‸\n", with: []string{"step", "returns", "fails"}, without: []string{"task", "id", "timeout"}},
		{name: "a failure", text: head + "-- mocks.yaml --\n- step: a\n  fails:\n    ‸\n", with: []string{"code", "transient"}},
		{name: "the task of a mock", text: head + "-- mocks.yaml --\n- task: ‸\n", with: []string{"ec2.start_instance"}},
		{name: "keys of a world", text: head + "-- world.yaml --\n‸\n", with: []string{"instances", "faults", "edition"}, without: []string{"workflow"}, inserts: "assets:"},
		{name: "an item of a world", text: head + "-- world.yaml --\nfaults:\n  - ‸\n", with: []string{"system", "throttle"}},
		{name: "a system", text: head + "-- world.yaml --\nfaults:\n  - {system: ‸}\n", with: []string{"ec2", "ism"}},
		{name: "the text before the parts", text: "wor‸\n-- case.yaml --\nworkflow: w\n"},
		{name: "a trace", text: head + "-- case.yaml --\nworkflow: w\n-- trace --\nrun: ‸\n"},
		{name: "a line between parts", text: head + "-- case.yaml‸ --\nworkflow: w\n"},
		{name: "the meaning of a key", text: head + "-- world.yaml --\ntim‸ing: {}\n", with: []string{"timing"}, hover: "How long instances stay in a state."},
		{name: "the meaning of an inner key", text: head + "-- case.yaml --\ncancel: {aft‸er: 1m}\n", with: []string{"after"}, hover: "How long after the start of the run"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := start(t)
			before, after, _ := strings.Cut(test.text, mark)
			uri := "file:///cases/one.txtar"
			c.open(uri, before+after)
			line := before[strings.LastIndexByte(before, '\n')+1:]
			at := map[string]any{"textDocument": map[string]any{"uri": uri}, "position": place{strings.Count(before, "\n"), len(utf16.Encode([]rune(line)))}}
			list := decode[struct{ Items []item }](t, c.call("textDocument/completion", at)).Items
			var labels []string
			for _, one := range list {
				labels = append(labels, strings.TrimPrefix(one.Label, "- "))
			}
			if len(test.with) == 0 && len(labels) > 0 {
				t.Errorf("proposed: %q", labels)
			}
			for _, label := range test.with {
				if !slices.Contains(labels, label) {
					t.Errorf("%s is not proposed, but %q", label, labels)
				}
			}
			for _, label := range test.without {
				if slices.Contains(labels, label) {
					t.Errorf("%s is proposed", label)
				}
			}
			if test.inserts != "" {
				inserted := false
				for _, one := range list {
					inserted = inserted || one.TextEdit.NewText == test.inserts
				}
				if !inserted {
					t.Errorf("nothing inserts %q: %+v", test.inserts, list)
				}
			}
			said := decode[struct{ Contents struct{ Value string } }](t, c.call("textDocument/hover", at)).Contents.Value
			if !strings.Contains(said, test.hover) || test.hover == "" && len(test.with) == 0 && said != "" {
				t.Errorf("the explanation is %q", said)
			}
		})
	}
}
