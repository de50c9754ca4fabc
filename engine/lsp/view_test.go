package lsp_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"errand/definitions"
)

// The file of a shipped workflow is read-only, and written once. A file that somebody changed is
// written again.
func TestShippedWorkflowsAreShown(t *testing.T) {
	c := start(t)
	shipped, err := definitions.Files.ReadFile("stop-instance.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f := &feature{client: c, uri: "untitled:a", text: "workflow: a\nsteps:\n  - workflow: stop-instance\n"}
	f.open(f.uri, f.text)
	show := func() string {
		t.Helper()
		l := decode[locationAt](t, f.call("textDocument/definition", f.at(place{2, 18})))
		file := filepath.FromSlash(strings.TrimPrefix(l.URI, "file://"))
		text, err := os.ReadFile(file)
		if err != nil || string(text) != string(shipped) {
			t.Fatalf("%s has %q, %v", file, text, err)
		}
		return file
	}
	file := show()
	first, err := os.Stat(file)
	if err != nil || first.Mode().Perm()&0o222 != 0 || filepath.Base(file) != "stop-instance.yaml" {
		t.Errorf("%s: %v, %v", file, first.Mode(), err)
	}
	again, err := os.Stat(show())
	if err != nil || !os.SameFile(first, again) {
		t.Errorf("the file was written again: %v", err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("changed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if changed := show(); changed != file {
		t.Errorf("the file is now %s, and was %s", changed, file)
	}
	left, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(left) != 1 {
		t.Errorf("the folder has %v, %v", left, err)
	}
	c.open("file://"+filepath.ToSlash(file), string(shipped)) // the editor opens it
	if d := c.published("file://" + filepath.ToSlash(file)).Diagnostics; len(d) > 0 {
		t.Errorf("the file has problems: %v", d)
	}
}

// If the file cannot be written, there is nothing to go to, and the log says why.
func TestShippedWorkflowsThatCannotBeShown(t *testing.T) {
	c := start(t)
	if err := os.WriteFile(c.views, nil, 0o600); err != nil { // a file in place of the folder
		t.Fatal(err)
	}
	f := &feature{client: c, uri: "untitled:a", text: "workflow: a\nsteps:\n  - workflow: stop-instance\n"}
	f.open(f.uri, f.text)
	if l := decode[*locationAt](t, f.call("textDocument/definition", f.at(place{2, 18}))); l != nil {
		t.Errorf("the server goes to %v", l)
	}
	if said := c.log.String(); !strings.Contains(said, "a shipped workflow cannot be shown") || !strings.Contains(said, "workflow=stop-instance") {
		t.Errorf("the log says %q", said)
	}
}
