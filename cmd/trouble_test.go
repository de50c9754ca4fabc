package cmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"errand/cmd"
	"errand/engine"
	"errand/engine/home"
	"errand/engine/journal"
	"errand/engine/task"
	"errand/tasks"
)

const breaking = `workflow: breaking
credentials: {ec2: prod}
steps:
  - {id: before, task: test.break}
  - {id: look, task: ec2.get_instance_status, with: {instance_id: i-0a1b2c3d4e5f60001}, retry: {attempts: 1}, on_failure: [{id: instead, task: test.break}]}
on_failure: [{task: test.break}]
finally: [{id: tidy, task: test.break}]
`

// A machine has a home with a credential, and runs commands in this process.
type machine struct {
	t           *testing.T
	folder      string
	environment map[string]string
	breaks      func() error // what step "before" does
	runner      home.Maker
}

func newMachine(t *testing.T, definition string) *machine {
	t.Helper()
	m := &machine{t: t, folder: t.TempDir(), breaks: func() error { return nil }}
	m.environment = map[string]string{"XDG_CONFIG_HOME": filepath.Join(m.folder, "config")}
	m.write("breaking.yaml", definition)
	m.write("keys.json", `{"access_key_id": "AKIDEXAMPLE", "secret_access_key": "a secret of the test", "region_endpoint": "http://127.0.0.1:9"}`)
	if code, _, stderr := m.errand("credentials", "add", "ec2", "prod", "--from-file", filepath.Join(m.folder, "keys.json")); code != 0 {
		t.Fatal(stderr)
	}
	return m
}

func (m *machine) write(name, text string) {
	m.t.Helper()
	if err := os.WriteFile(filepath.Join(m.folder, name), []byte(text), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) errand(args ...string) (code int, stdout, stderr string) {
	var out, messages bytes.Buffer
	c := &cmd.Command{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &messages, Getenv: func(name string) string { return m.environment[name] },
		Connectors: func(env task.Environment) []task.Connector {
			breaks := task.Define("test.break", "Breaks something on this machine.", task.Once,
				func(context.Context, task.Call, struct{}) (struct{}, error) { return struct{}{}, m.breaks() })
			return append(tasks.Connectors(env), task.Connector{Name: "test", Title: "Test", Description: "Breaks something.", Types: []task.Type{breaks}})
		},
		Runner: m.runner,
	}
	code = c.Run(m.t.Context(), append(args, "--home", filepath.Join(m.folder, "home")))
	return code, out.String(), messages.String()
}

// hint returns the hint that names a command and a run of this home.
func (m *machine) hint(command, run string) string {
	return "hint: errand " + command + " --home " + filepath.Join(m.folder, "home") + " " + run
}

func (m *machine) run(more ...string) (code int, v engine.View, stderr string) {
	m.t.Helper()
	code, stdout, stderr := m.errand(append([]string{"run", filepath.Join(m.folder, "breaking.yaml"), "--request", "1"}, more...)...)
	if len(more) > 0 {
		if err := json.Unmarshal([]byte(stdout), &v); err != nil {
			m.t.Fatalf("%v: %s%s", err, stdout, stderr)
		}
	}
	return code, v, stderr
}

// What breaks on this machine during a run parks the run with the reason: no step fails, and no
// handler acts. The run goes on when it is resumed after that.
func TestTroubleInMidRun(t *testing.T) {
	for _, c := range []struct {
		name   string
		breaks func(store string) error
		reason string
	}{
		{"a store that is cut off", func(store string) error { return os.Truncate(store, 100) }, "credentials.json"},
		{"an empty store", func(store string) error { return os.Truncate(store, 0) }, "credentials.json"},
		{"a store that is a folder", func(store string) error { return errors.Join(os.Remove(store), os.Mkdir(store, 0o700)) }, "is a folder, not a file"},
		{"a credential that is removed", func(store string) error { return os.Remove(store) }, `no credential of ec2 is stored under the name "prod"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t, breaking)
			store := filepath.Join(m.folder, "home", "credentials.json")
			good, err := os.ReadFile(store)
			if err != nil {
				t.Fatal(err)
			}
			m.breaks = func() error { m.breaks = func() error { return nil }; return c.breaks(store) }
			code, v, stderr := m.run("-o", "json")
			if code != cmd.ExitCredentials || v.Status != engine.Waiting || v.Failure != nil || len(v.Steps) != 2 || len(v.Waits) != 1 {
				t.Fatalf("exit code %d: %+v %s", code, v, stderr)
			}
			if w := v.Waits[0]; w.For != engine.WaitTrouble || w.Step != "look" || w.Trouble != engine.TroubleCredential || !strings.Contains(w.Reason, c.reason) {
				t.Errorf("it waits for %+v", w)
			}
			if code, _, stderr := m.errand("runs", "resume", "1"); code != cmd.ExitCredentials || !strings.Contains(stderr, " waits until this machine is mended: ") || !strings.Contains(stderr, m.hint("runs resume", v.Run)) {
				t.Errorf("exit code %d: %s", code, stderr)
			}
			for _, command := range []string{"runs list", "runs show 1"} {
				code, stdout, stderr := m.errand(strings.Fields(command)...)
				if code != 0 || !strings.Contains(stdout, "waits until this machine is mended: ") || !strings.Contains(stdout, "waiting") {
					t.Errorf("%s: exit code %d: %s%s", command, code, stdout, stderr)
				}
			}
			if code, _, stderr := m.errand("runs", "resume", "--all"); code != 0 || !strings.HasPrefix(stderr, "0 ended") {
				t.Errorf("exit code %d: %s", code, stderr)
			}
			if err := os.RemoveAll(store); err != nil {
				t.Fatal(err)
			}
			m.write("home/credentials.json", string(good))
			code, _, stderr = m.errand("runs", "resume", "1")
			if code != cmd.ExitSucceeded || !strings.Contains(stderr, "trouble here") || !strings.Contains(stderr, "instead") || !strings.Contains(stderr, "could not be reached") {
				t.Errorf("exit code %d: %s", code, stderr)
			}
		})
	}
}

// What is found before a run starts leaves nothing on record.
func TestTroubleBeforeTheStart(t *testing.T) {
	m := newMachine(t, breaking)
	if err := os.Truncate(filepath.Join(m.folder, "home", "credentials.json"), 100); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := m.run()
	if code != cmd.ExitCredentials || !strings.Contains(stderr, "nothing was run") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	if _, stdout, stderr := m.errand("runs", "list"); stdout != "" || !strings.Contains(stderr, "no runs found") {
		t.Errorf("the list: %s%s", stdout, stderr)
	}
}

// A filling journal has room for some commits only.
type filling struct {
	journal.Journal
	room *int
}

func (f filling) Commit(ctx context.Context, c journal.Change) error {
	if *f.room--; *f.room < 0 {
		return &journal.StoreError{Doing: "commit", Err: errors.New("database or disk is full")}
	}
	return f.Journal.Commit(ctx, c)
}

// A disk that is full ends the work on a run with 74, at each commit. Hints lead to runs that are
// on record, and JSON says what the run waits for.
func TestFullDiskInMidRun(t *testing.T) {
	for room := range 3 {
		m := newMachine(t, "workflow: breaking\nsteps: [{id: one, task: test.break}, {id: two, task: test.break}]\nfinally: [{task: test.break}]\n")
		left := room
		m.runner = home.LocalWith(func(j journal.Journal) journal.Journal { return filling{j, &left} })
		code, stdout, stderr := m.errand("run", filepath.Join(m.folder, "breaking.yaml"), "--request", "1", "-o", "json")
		if code != cmd.ExitOutput || !strings.Contains(stderr, "errand: journal: commit: database or disk is full\n") {
			t.Errorf("room for %d commits: exit code %d: %s%s", room, code, stdout, stderr)
		}
		var v engine.View
		switch {
		case room == 0 && (stdout != "" || strings.Contains(stderr, "runs resume") || !strings.Contains(stderr, "hint: errand runs list")):
			t.Errorf("a run that was never made: %s%s", stdout, stderr)
		case room == 0:
		case json.Unmarshal([]byte(stdout), &v) != nil || v.Status != engine.Waiting || len(v.Waits) != 1 || v.Waits[0].Trouble != engine.TroubleStore:
			t.Errorf("room for %d commits: %s", room, stdout)
		case !strings.Contains(stderr, m.hint("runs resume", v.Run)):
			t.Errorf("room for %d commits: %s", room, stderr)
		}
		m.runner = nil
		_, stdout, stderr = m.errand("runs", "list")
		if on := strings.Contains(stdout, "breaking"); on != (room > 0) {
			t.Errorf("room for %d commits: the list: %s%s", room, stdout, stderr)
		}
	}
}
