package lsp_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A file that is open and not saved yet counts like any other, under the editor's own URI for it.
func TestOpenFilesCount(t *testing.T) {
	c := start(t)
	folder := "file://" + filepath.ToSlash(t.TempDir()) + "/a%2Bb/"
	callee, caller := folder+"callee.yaml", folder+"caller.yaml"
	c.open(callee, "workflow: callee\ninputs:\n  name: {type: string}\nsteps:\n  - task: worklog.format\n    with: {heading: \"${{ inputs.name }}\"}\n")
	const call = "workflow: caller\nsteps:\n  - workflow: callee\n    with: {name: web}\n  - workflow: \n"
	c.open(caller, call)
	at := func(uri string, line, character int) map[string]any {
		return map[string]any{"textDocument": map[string]any{"uri": uri}, "position": place{line, character}}
	}
	var labels []string
	for _, one := range decode[struct{ Items []item }](t, c.call("textDocument/completion", at(caller, 4, 14))).Items {
		labels = append(labels, one.Label)
	}
	if !slices.Contains(labels, "callee") {
		t.Errorf("proposed: %q", labels)
	}
	if l := decode[locationAt](t, c.call("textDocument/definition", at(caller, 2, 16))); l.URI != callee {
		t.Errorf("the workflow is defined in %s", l.URI)
	}
	rename := at(callee, 2, 3)
	rename["newName"] = "host"
	edit := decode[struct{ Changes map[string][]any }](t, c.call("textDocument/rename", rename))
	if len(edit.Changes) != 2 || len(edit.Changes[callee]) != 2 || len(edit.Changes[caller]) != 1 {
		t.Errorf("the edit is %v", edit.Changes)
	}
}

// After a pipe, # is an element of the list before it.
func TestElementsAfterAPipe(t *testing.T) {
	for _, expression := range []string{
		"inputs.rows | filter(#.", "inputs.rows | map(.", "len(inputs.rows | filter(#.port > 1) | map(#.", `"a" in (inputs.rows | map(#.`, "filter(inputs.rows, #.port > 1) | any(#.",
	} {
		c := start(t)
		text := "workflow: pipes\ninputs:\n  rows: {type: list, items: {type: object, properties: {port: {type: integer}}}}\nsteps:\n  - task: worklog.format\n    with:\n      heading: '${{ " + expression
		c.open("file:///work/pipes.yaml", text+"\n")
		line := text[strings.LastIndexByte(text, '\n')+1:]
		at := map[string]any{"textDocument": map[string]any{"uri": "file:///work/pipes.yaml"}, "position": place{strings.Count(text, "\n"), len(line)}}
		list := decode[struct{ Items []item }](t, c.call("textDocument/completion", at)).Items
		if len(list) != 1 || list[0].Label != "port" {
			t.Errorf("%s: proposed %+v", expression, list)
		}
	}
}
