package cmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"errand/cmd"
	"errand/engine"
	"errand/engine/home"
	"errand/engine/journal"
	"errand/tasks"
)

// A spoilt journal cannot decode the last entry of a run.
type spoilt struct{ journal.Journal }

// Load implements journal.Reader.
func (s spoilt) Load(ctx context.Context, id string) (journal.Run, []journal.Entry, error) {
	return s.LoadAfter(ctx, id, 0)
}

// LoadAfter implements journal.Reader.
func (s spoilt) LoadAfter(ctx context.Context, id string, known int) (journal.Run, []journal.Entry, error) {
	run, entries, err := s.Journal.LoadAfter(ctx, id, known)
	if err != nil || len(entries) == 0 {
		return run, entries, err
	}
	return run, nil, &journal.DamageError{Run: id, Reason: "entry 1: unexpected end of JSON input"}
}

// If the record of a run is damaged, the commands show everything that can be read, and the reason
// why the rest cannot be read.
func TestShowDamagedRun(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "wait.yaml")
	if err := os.WriteFile(file, []byte("workflow: wait\nsteps: [{task: timer.delay, with: {duration: 1ms}}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	errand := func(args ...string) (code int, stdout, stderr string) {
		var out, messages bytes.Buffer
		c := &cmd.Command{
			Stdin: strings.NewReader(""), Stdout: &out, Stderr: &messages, Getenv: func(string) string { return "" }, Connectors: tasks.Connectors,
		}
		if args[0] == "runs" {
			c.Runner = home.LocalWith(func(j journal.Journal) journal.Journal { return spoilt{j} })
		}
		code = c.Run(t.Context(), append(args, "--home", filepath.Join(folder, "home")))
		return code, out.String(), messages.String()
	}
	if code, _, stderr := errand("run", file, "--request", "1"); code != 0 {
		t.Fatal(stderr)
	}
	const why = "cannot be read: entry 1: unexpected end of JSON input"
	code, stdout, stderr := errand("runs", "show", "1")
	if code != 0 || !strings.Contains(stdout, ": wait for request 1\n  status      succeeded, after ") || !strings.Contains(stdout, why) {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
	for _, args := range [][]string{{"runs", "show", "1", "-o", "json"}, {"runs", "list", "-o", "json"}} {
		code, stdout, stderr := errand(args...)
		var v struct {
			engine.View
			Runs []engine.View
		}
		if err := json.Unmarshal([]byte(stdout), &v); err != nil {
			t.Fatal(err)
		}
		if len(v.Runs) == 1 {
			v.View = v.Runs[0]
		}
		if code != 0 || v.Workflow != "wait" || v.Status != engine.Succeeded || len(v.Steps) != 1 {
			t.Errorf("%q: exit code %d: %s%s", args, code, stdout, stderr)
		}
	}
	for _, args := range [][]string{{"runs", "events", "1"}, {"runs", "record", "1"}, {"runs", "retry", "1"}} {
		if code, stdout, stderr := errand(args...); code != cmd.ExitInternal || stdout != "" || !strings.Contains(stderr, why) || !strings.Contains(stderr, "other runs are not affected") {
			t.Errorf("%q: exit code %d: %s%s", args, code, stdout, stderr)
		}
	}
}
