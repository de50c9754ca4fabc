package lsp_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"errand/engine/lsp"
)

// Serve distinguishes a client that sends shutdown from one that only disconnects.
func TestTheEnd(t *testing.T) {
	for _, test := range []struct {
		name  string
		leave func(*client)
		want  error
	}{
		{"shutdown and exit", func(c *client) { c.call("shutdown", nil); c.notify("exit", nil) }, nil},
		{"shutdown and a closed pipe", func(c *client) { c.call("shutdown", nil); c.to.Close() }, nil},
		{"exit alone", func(c *client) { c.notify("exit", nil) }, lsp.ErrNoShutdown},
		{"a closed pipe", func(c *client) { c.to.Close() }, lsp.ErrNoShutdown},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := start(t)
			test.leave(c)
			if err := <-c.ended; !errors.Is(err, test.want) {
				t.Errorf("the server ended with %v, want %v", err, test.want)
			}
		})
	}
}

// A definition that calls another is checked with the text in the editor, and again when that
// changes.
func TestTheCalledWorkflowIsReadFromTheEditor(t *testing.T) {
	c := start(t)
	const caller, callee = "file:///w/caller.yaml", "file:///w/callee.yaml"
	c.open(caller, "workflow: caller\nsteps:\n  - workflow: callee\n    with: {name: x}\n")
	says := func(want string) {
		t.Helper()
		var got strings.Builder
		for _, d := range c.published(caller).Diagnostics {
			got.WriteString(d.Code + ": " + d.Message + "\n")
		}
		if !strings.HasPrefix(got.String(), want) || want == "" && got.String() != "" {
			t.Errorf("the diagnostics are\n%s\nwant\n%s", got.String(), want)
		}
	}
	says(`unusable-workflow: the workflow "callee" cannot be called: there is no workflow "callee"`)
	c.open(callee, "workflow: callee\ninputs: {title: {type: string}}\nsteps:\n  - task: timer.delay\n    with: {duration: 1m}\n")
	says(`missing-input: the workflow callee needs "title"`)
	c.change(callee, 2, map[string]any{"range": span{place{1, 9}, place{1, 14}}, "text": "name"})
	says("")
	c.notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": callee}})
	says(`unusable-workflow: the workflow "callee" cannot be called: there is no workflow "callee"`)
}

// If many changes arrive during a check, the next diagnostics are those of the last change.
func TestTheNewestTextWins(t *testing.T) {
	c := start(t)
	const uri = "file:///w/a.yaml"
	c.open(uri, "workflow: a\nsteps:\n  - workflow: slow\n")
	const last = 200
	for version := 2; version <= last; version++ {
		c.change(uri, version, map[string]any{"range": span{place{0, 10}, place{0, 10}}, "text": "a"})
	}
	// the changes have arrived
	c.call("textDocument/documentSymbol", map[string]any{"textDocument": map[string]any{"uri": uri}})
	close(c.slow)
	p := c.published(uri)
	if *p.Version != last || len(p.Diagnostics) != 2 || !strings.Contains(p.Diagnostics[0].Message, strings.Repeat("a", last)) {
		t.Errorf("the diagnostics are of version %d: %+v", *p.Version, p.Diagnostics)
	}
}

// A cancelled request is answered as cancelled.
func TestCancel(t *testing.T) {
	c := start(t)
	const uri = "file:///w/a.yaml"
	c.open(uri, "workflow: a\nsteps:\n  - workflow: slow\n")
	id := c.ask("textDocument/hover", map[string]any{"textDocument": map[string]any{"uri": uri}, "position": place{2, 15}})
	c.notify("$/cancelRequest", map[string]any{"id": id})
	// the cancellation has arrived
	c.call("textDocument/documentSymbol", map[string]any{"textDocument": map[string]any{"uri": uri}})
	close(c.slow)
	if m := c.reply(id); m.Error == nil || m.Error.Code != -32800 {
		t.Errorf("the answer is %s", m.Body)
	}
}

// A panic in the server fails the request, is logged, and does not end the server.
func TestAFaultIsNotTheEnd(t *testing.T) {
	c := start(t)
	const uri = "file:///w/a.yaml"
	c.open(uri, "workflow: a\nsteps:\n  - workflow: broken\n")
	m := c.reply(c.ask("textDocument/hover", map[string]any{"textDocument": map[string]any{"uri": uri}, "position": place{2, 15}}))
	if m.Error == nil || m.Error.Code != -32603 || !strings.Contains(m.Error.Message, "the file is broken") {
		t.Errorf("the answer is %s", m.Body)
	}
	c.log.wait(t, "a check failed") // a change would make the server skip this check
	c.change(uri, 2, map[string]any{"text": "workflow: a\nsteps:\n  - task: timer.delay\n    with: {duration: 1m}\n"})
	if p := c.published(uri); *p.Version != 2 || len(p.Diagnostics) != 0 {
		t.Errorf("the diagnostics after it are %+v", p)
	}
	c.call("shutdown", nil)
	c.notify("exit", nil)
	if err := <-c.ended; err != nil {
		t.Error(err)
	}
	c.log.wait(t, "a request failed")
}

// The server asks the editor to report files that change on disk. It then checks the definitions
// that call them again.
func TestFilesOnTheDisk(t *testing.T) {
	c := connect(t)
	watching := map[string]any{"workspace": map[string]any{"didChangeWatchedFiles": map[string]any{"dynamicRegistration": true}}}
	c.call("initialize", map[string]any{"capabilities": watching})
	c.notify("initialized", map[string]any{})
	asked := c.read()
	if asked.Method != "client/registerCapability" || !strings.Contains(string(asked.Params), "**/*.{json,yaml,yml}") {
		t.Fatalf("the editor is asked %s", asked.Body)
	}
	c.send(`{"jsonrpc":"2.0","id":` + string(asked.ID) + `,"result":null}`)

	folder := filepath.ToSlash(t.TempDir())
	caller, callee := "file://"+folder+"/caller.yaml", folder+"/callee.yaml"
	c.open(caller, "workflow: caller\nsteps:\n  - workflow: callee\n")
	if p := c.published(caller); len(p.Diagnostics) != 1 {
		t.Errorf("the diagnostics without the other file are %+v", p.Diagnostics)
	}
	if err := os.WriteFile(callee, []byte("workflow: callee\nsteps:\n  - task: timer.delay\n    with: {duration: 1m}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{map[string]any{"uri": "file://" + callee, "type": 1}}})
	if p := c.published(caller); len(p.Diagnostics) != 0 {
		t.Errorf("the diagnostics with the other file are %+v", p.Diagnostics)
	}
}
