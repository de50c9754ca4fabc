package lsp_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// What prevents a test case from being run is shown at its line.
func TestTestCaseProblems(t *testing.T) {
	const (
		prose = "It works. 🙂\n\n"
		note  = "-- note.yaml --\nworkflow: note\ninputs:\n  name: {type: string}\nsteps:\n  - id: write\n    task: worklog.format\n    with: {heading: \"${{ inputs.name }}\"}\n"
	)
	for _, test := range []struct {
		name, text string
		at         string // the text that is marked; "" if there is no problem
		says       string
	}{
		{"a case", prose + "-- case.yaml --\nworkflow: note\ninputs: {name: a}\n" + note, "", ""},
		{"another use of the format", "-- go.mod --\nmodule a\n-- a.go --\npackage a\n", "", ""},
		{"a key", prose + "-- case.yaml --\nworkflow: note\ninputs: {name: a}\nexpect:\n  stattus: failed\n" + note, "stattus: failed", `did you mean "status"`},
		{"a value", prose + "-- case.yaml --\nworkflow: note\ninputs: {name: a}\nexpect: {status: fialed}\n" + note, "expect: {status: fialed}", "did you mean \"failed\""},
		{"an input", prose + "-- case.yaml --\nworkflow: note\ninputs:\n  nmae: a\n" + note, "nmae: a", `did you mean "name"`},
		{"YAML", prose + "-- case.yaml --\nworkflow: note\ninputs: {name: a\n" + note, "inputs: {name: a", ""},
		{"a step", prose + "-- case.yaml --\nworkflow: note\ninputs: {name: a}\n" + note + "-- mocks.yaml --\n- step: wriet\n  returns: {}\n", "- step: wriet", `did you mean "write"`},
		{"a world", prose + "-- case.yaml --\nworkflow: note\ninputs: {name: a}\n" + note + "-- world.yaml --\ninstances:\n  - {id: i-0a1b2c3d4e5f60001, sate: running}\n", "- {id: i-0a1b2c3d4e5f60001, sate: running}", "sate"},
		{"a part", prose + "-- case.yaml --\nworkflow: note\ninputs: {name: a}\n" + note + "-- wrold.yaml --\ninstances: []", "-- wrold.yaml --", `did you mean "world.yaml"`},
		{"the part case.yaml", prose + "-- caes.yaml --\nworkflow: note\n" + note, "It works. 🙂", "case.yaml"},
		{"an unknown workflow", prose + "-- case.yaml --\nworkflow: ntoe", "workflow: ntoe", "there is no workflow"},
		{"a definition in the case", prose + "-- case.yaml --\nworkflow: note\ninputs: {name: a}\n" + strings.Replace(note, "inputs.name", "inputs.nmae", 1), `with: {heading: "${{ inputs.nmae }}"}`, `did you mean "name"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := start(t)
			uri := "file:///cases/one.txtar"
			c.open(uri, test.text)
			got := c.published(uri).Diagnostics
			if test.at == "" {
				if len(got) > 0 {
					t.Errorf("published: %+v", got)
				}
				return
			}
			if len(got) != 1 {
				t.Fatalf("published: %+v", got)
			}
			line := utf16.Encode([]rune(strings.Split(test.text, "\n")[got[0].Range.Start.Line]))
			if marked := string(utf16.Decode(line[got[0].Range.Start.Character:got[0].Range.End.Character])); marked != test.at {
				t.Errorf("%q is marked, not %q", marked, test.at)
			}
			if !strings.Contains(got[0].Message, test.says) || strings.Contains(got[0].Message, uri) {
				t.Errorf("the message is %q", got[0].Message)
			}
		})
	}
}

// A case is checked again when a workflow that it needs changes in the editor.
func TestTestCaseFollowsItsWorkflow(t *testing.T) {
	c := start(t)
	folder := t.TempDir()
	uri := func(name string) string { return "file://" + filepath.ToSlash(filepath.Join(folder, name)) }
	const workflow = "workflow: pause\nsteps:\n  - id: wait\n    task: timer.delay\n    with: {duration: 1s}\n"
	c.open(uri("pause.yaml"), workflow)
	c.published(uri("pause.yaml"))
	c.open(uri("pause.txtar"), "It waits.\n-- case.yaml --\nworkflow: pause\nexpect: {steps: {wait: succeeded}}\n")
	if got := c.published(uri("pause.txtar")).Diagnostics; len(got) > 0 {
		t.Errorf("published: %+v", got)
	}
	for i, change := range []struct{ text, line, says string }{
		{strings.Replace(workflow, "id: wait", "id: stay", 1), "expect:", "there is no step"},
		{strings.Replace(workflow, "duration", "durtaion", 1), "workflow:", "pause.yaml has 1 error; errand check shows them"},
	} {
		c.change(uri("pause.yaml"), i+2, map[string]any{"text": change.text})
		c.published(uri("pause.yaml"))
		if got := c.published(uri("pause.txtar")).Diagnostics; len(got) != 1 || !strings.Contains(got[0].Message, change.says) {
			t.Errorf("published: %+v; want %s", got, change.says)
		}
	}
}

// A case that can be run has no problems.
func TestGoldenCasesHaveNoProblems(t *testing.T) {
	c := start(t)
	root, err := filepath.Abs(filepath.Join("..", "..", "testdata", "golden"))
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	err = filepath.WalkDir(root, func(file string, f fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(file) != ".txtar" {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		seen++
		uri := "file://" + filepath.ToSlash(file)
		c.open(uri, string(text))
		if got := c.published(uri).Diagnostics; len(got) > 0 {
			t.Errorf("%s: %+v", file, got)
		}
		return nil
	})
	if err != nil || seen < 100 {
		t.Errorf("%d cases: %v", seen, err)
	}
}
