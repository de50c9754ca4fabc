package lsp_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"errand/engine/intake"
	"errand/engine/task"
	"errand/tasks"
)

// The diagnostics of an intake file are the problems of the check. Those of the schema of a payload
// are shown where the file names the schema.
func TestDiagnosticsOfIntakeFiles(t *testing.T) {
	files, err := filepath.Glob("../../testdata/intake/*/*/intake.yaml")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	loader := intake.Loader{Registry: task.NewRegistry(tasks.Connectors(task.Environment{})...)}
	c := start(t)
	ofSchemas := 0
	for _, file := range files {
		file, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.ToSlash(file)
		_, problems := loader.Load(name, text)
		c.open("file://"+name, string(text))
		got := c.published("file://" + name).Diagnostics
		if len(got) != len(problems) {
			t.Errorf("%s: %d diagnostics, and the check finds %d problems", file, len(got), len(problems))
			continue
		}
		for i, p := range problems {
			if p.Range.File == name {
				if !strings.HasPrefix(got[i].Message, p.Message) || got[i].Range.Start.Line != p.Range.Start.Line-1 || got[i].Code != p.Rule {
					t.Errorf("%s: %+v, want %+v", file, got[i], p)
				}
				continue
			}
			ofSchemas++
			line := strings.Split(string(text), "\n")[got[i].Range.Start.Line]
			if !strings.HasPrefix(line, "schema: ") || !strings.HasPrefix(got[i].Message, "payload.json, line ") {
				t.Errorf("%s: %+v is shown at %q", file, got[i], line)
			}
		}
	}
	if ofSchemas < 10 {
		t.Errorf("only %d problems are those of a schema", ofSchemas)
	}
}

// An intake file is checked again if a workflow that its rules start, or its schema, changes.
func TestIntakeFollowsItsFiles(t *testing.T) {
	c := start(t)
	folder := filepath.ToSlash(t.TempDir())
	uri := func(name string) string { return "file:///" + strings.TrimPrefix(folder, "/") + "/" + name }
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	changed := func(name string) {
		c.notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{map[string]any{"uri": uri(name), "type": 2}}})
	}
	write("greet.yaml", "workflow: greet\ninputs: {who: {type: string}}\nsteps: [{id: a, task: worklog.format, with: {note: '${{ inputs.who }}'}}]\noutputs: {text: '${{ steps.a.text }}'}\n")
	write("form.json", `{"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}`)
	c.open(uri("portal.intake.yaml"), "version: 1\nsource: portal\nschema: form.json\nrules:\n- {name: greet, workflow: greet, request: '${{ payload.id }}', with: {who: ada}}\n")
	if got := c.published(uri("portal.intake.yaml")).Diagnostics; len(got) != 0 {
		t.Fatalf("%+v", got)
	}
	write("form.json", `{"type": "object"}`)
	changed("form.json")
	if got := c.published(uri("portal.intake.yaml")).Diagnostics; len(got) != 1 || got[0].Code != "wrong-type" {
		t.Errorf("after a change of the schema: %+v", got)
	}
	write("form.json", `{"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}`)
	c.open(uri("greet.yaml"), "workflow: greet\ninputs: {name: {type: string}}\nsteps: [{id: a, task: worklog.format, with: {note: '${{ inputs.name }}'}}]\noutputs: {text: '${{ steps.a.text }}'}\n")
	if got := c.published(uri("portal.intake.yaml")).Diagnostics; len(got) == 0 || got[0].Code != "missing-input" && got[0].Code != "unknown-input" {
		t.Errorf("after a change of the workflow: %+v", got)
	}
}
