package home_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/credential"
	"errand/engine/diag"
	_ "errand/engine/goldenfile"
	"errand/engine/home"
	"errand/engine/program"
	"errand/engine/task"
	"errand/engine/virtual"
	"errand/tasks"
)

func newHome(t *testing.T) *home.Home {
	t.Helper()
	folder := t.TempDir()
	none := func(string) string { return "" }
	return &home.Home{Folder: folder, Credentials: home.OpenCredentials(folder, credential.Places{Getenv: none}), Connectors: tasks.Connectors}
}

func load(t *testing.T, h *home.Home, text string) *program.Program {
	t.Helper()
	p, problems := program.Load("", []byte(text), h.Registry())
	if diag.HasErrors(problems) {
		t.Fatal(problems)
	}
	return p
}

func open(t *testing.T, h *home.Home) *home.Opened {
	t.Helper()
	o, err := h.Open(t.Context(), "the test", h.Registry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

// A run is found by its id and by its request, of which it is the newest.
func TestFind(t *testing.T) {
	h := newHome(t)
	p := load(t, h, "workflow: asks\nsteps: [{id: ok, approval: {ask: go, by: [kim]}}]\n")
	o := open(t, h)
	for i, run := range []string{"one", "two"} {
		if _, err := o.Accept(t.Context(), engine.Order{Run: run, Request: "100-291", Program: p, Inputs: map[string]any{}, Again: i > 0}); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"one": "one", "two": "two", "100-291": "two"} {
		if got, err := o.Find(t.Context(), name); err != nil || got != want {
			t.Errorf("%s is the run %q, %v; want %q", name, got, err, want)
		}
	}
	_, err := o.Find(t.Context(), "100-292")
	if refusal, ok := errors.AsType[*engine.Refusal](err); !ok || refusal.Code != engine.RefusedNotFound || refusal.Run != "100-292" {
		t.Errorf("a run that is not there: %v", err)
	}
	if err := o.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// Only runs that have not ended and use a credential need it.
func TestUsing(t *testing.T) {
	h := newHome(t)
	p := load(t, h, "workflow: start\nsteps:\n  - {id: ok, approval: {ask: go, by: [kim]}}\n"+
		"  - {id: start, task: ec2.start_instance, with: {instance_id: i-0a1b2c3d4e5f60001}}\n")
	o := open(t, h)
	for _, run := range []string{"one", "two"} {
		if _, err := o.Start(t.Context(), engine.Order{Run: run, Program: p, Inputs: map[string]any{}}, engine.Following{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.Cancel(t.Context(), "one", engine.Person{Name: "kim"}); err != nil {
		t.Fatal(err)
	}
	if v, err := o.Follow(t.Context(), "one", engine.Following{}); err != nil || v.Status != engine.Cancelled {
		t.Fatalf("%+v, %v", v, err)
	}
	for connector, want := range map[string][]string{"ec2": {"two"}, "ism": nil} {
		got, err := o.Using(t.Context(), program.Credential{Connector: connector, Name: task.DefaultCredential})
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("the credential of %s is used by %q, %v; want %q", connector, got, err, want)
		}
	}
}

// What is wrong with the journal is a trouble with a code.
func TestTroubleWithTheJournal(t *testing.T) {
	h := newHome(t)
	if err := os.WriteFile(filepath.Join(h.Folder, "journal.db"), []byte("this is no database, however long it is"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := h.Open(t.Context(), "the test", h.Registry())
	if trouble, ok := errors.AsType[*engine.Trouble](err); !ok || trouble.Code != engine.TroubleClosed {
		t.Errorf("%v", err)
	}
}

// A closer is a runner that must be closed.
type closer struct {
	*virtual.Runner
	closed int
}

func (c *closer) Close() error {
	c.closed++
	return nil
}

// Another runner needs no journal, and is closed with the home.
func TestAnotherRunner(t *testing.T) {
	h := newHome(t)
	var made *closer
	h.Runner = func(_ context.Context, o *home.Opened) (engine.Runner, error) {
		made = &closer{Runner: &virtual.Runner{Runs: virtual.NewRuns(virtual.NewClock(time.Now())), Registry: o.Registry, About: o.About}}
		return made, nil
	}
	o, err := h.Open(t.Context(), "the test", h.Registry())
	if err != nil {
		t.Fatal(err)
	}
	p := load(t, h, "workflow: note\nsteps: [{id: note, task: worklog.format, with: {note: x}}]\noutputs: {text: '${{ steps.note.text }}'}\n")
	v, err := o.Start(t.Context(), engine.Order{Run: "one", Program: p, Inputs: map[string]any{}}, engine.Following{})
	if err != nil || v.Status != engine.Succeeded || v.Outputs["text"] != "x" {
		t.Errorf("%+v, %v", v, err)
	}
	if err := errors.Join(o.Check(t.Context()), o.Close()); err != nil || made.closed != 1 || made.About != "the test" {
		t.Errorf("closed %d times, %v", made.closed, err)
	}
	if files, err := os.ReadDir(h.Folder); err != nil || len(files) > 0 {
		t.Errorf("the folder has %v, %v", files, err)
	}

	failure := errors.New("no such server")
	h.Runner = func(context.Context, *home.Opened) (engine.Runner, error) { return nil, failure }
	if _, err := h.Open(t.Context(), "the test", h.Registry()); !errors.Is(err, failure) {
		t.Errorf("%v", err)
	}
}

// A home in $XDG_STATE_HOME, or else in the user's own folder.
func TestDefaultFolder(t *testing.T) {
	state := t.TempDir()
	user, err := os.UserHomeDir()
	if err != nil {
		t.Skip(err)
	}
	for value, want := range map[string]string{
		state: filepath.Join(state, "errand"), "": filepath.Join(user, ".local", "state", "errand"), "not/absolute": filepath.Join(user, ".local", "state", "errand"),
	} {
		if got, err := home.DefaultFolder(func(string) string { return value }); err != nil || got != want {
			t.Errorf("with XDG_STATE_HOME=%q: %q, %v; want %q", value, got, err, want)
		}
	}
}

// The masks of a home have the secrets of the environment: in what tasks return, and in what did
// not come from a task.
func TestSecretsOfTheEnvironmentAreMasked(t *testing.T) {
	t.Setenv("ERRAND_ISM_WEBSERVICE_USER_PASSWORD", " canary-password\n")
	t.Setenv("AWS_SESSION_TOKEN", "canary-token")
	t.Setenv("ERRAND_ISM_WEBSERVICE_USER_NAME", "errand")
	t.Setenv("ERRAND_ISM_SLICE_TOKEN", "sandbox")
	t.Setenv("ERRAND_ISM_USER_AUTH_TOKEN", "any")
	const text, want = "canary-password canary-token errand sandbox any", "[secret] [secret] errand sandbox any"
	reply := newHome(t).Registry().Mask(task.Reply{Failure: &task.Failure{Message: text}})
	if reply.Failure.Message != want {
		t.Errorf("a task says %q", reply.Failure.Message)
	}
	mask, err := newHome(t).Mask(t.Context())
	if err != nil || mask.Text(text) != want {
		t.Errorf("a text becomes %q, %v", mask.Text(text), err)
	}
}
