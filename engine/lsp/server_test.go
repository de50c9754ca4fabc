package lsp_test

import (
	"errors"
	"strings"
	"testing"

	"errand/engine/lsp"
)

// Serve tells a client that says good-bye from one that is just gone.
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

// A definition that calls another is checked against what stands in the editor, and again when that changes.
func TestTheCalledIsTakenFromTheEditor(t *testing.T) {
	c := start(t)
	const caller, callee = "file:///w/caller.yaml", "file:///w/callee.yaml"
	c.open(caller, "workflow: caller\nsteps:\n  - workflow: callee\n    with: {name: x}\n")
	says := func(want string) {
		t.Helper()
		got := ""
		for _, d := range c.published(caller).Diagnostics {
			got += d.Code + ": " + d.Message + "\n"
		}
		if !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("the editor is told\n%s\nwant\n%s", got, want)
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

// However many changes come at once, the last is what diagnostics are of in the end, and none come out of order.
func TestTheNewestTextWins(t *testing.T) {
	c := start(t)
	const uri = "file:///w/a.yaml"
	c.open(uri, "workflow: a\nsteps:\n  - task: timer.delay\n    with: {duration: 1m}\n")
	const last = 200
	for version := 2; version <= last; version++ {
		c.change(uri, version, map[string]any{"range": span{place{0, 10}, place{0, 10}}, "text": "a"})
	}
	seen := 0
	for seen < last {
		p := c.published(uri)
		if *p.Version <= seen {
			t.Fatalf("version %d after %d", *p.Version, seen)
		}
		seen = *p.Version
		if seen == last && (len(p.Diagnostics) != 1 || !strings.Contains(p.Diagnostics[0].Message, strings.Repeat("a", last))) {
			t.Errorf("of the last version the editor is told %+v", p.Diagnostics)
		}
	}
}
