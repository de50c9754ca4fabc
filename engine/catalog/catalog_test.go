package catalog_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine/catalog"
	_ "errand/engine/goldenfile"
	"errand/engine/hosttest"
	"errand/engine/library"
	"errand/engine/task"
	"errand/tasks"
)

func registry() *task.Registry {
	return task.NewRegistry(append(tasks.Connectors(task.Environment{}), hosttest.Registry(func() {}).Connectors()...)...)
}

const good = "workflow: NAME\nsteps: [{id: a, task: stub.pure, with: {script: TEXT}}]\n"

func definition(name, text string) string {
	return strings.NewReplacer("NAME", name, "TEXT", text).Replace(good)
}

// A folder is one of definitions.
type folder struct {
	*testing.T
	path string
}

func (f folder) write(name, text string) {
	f.Helper()
	if err := os.WriteFile(filepath.Join(f.path, name), []byte(text), 0o600); err != nil {
		f.Fatal(err)
	}
}

func load(t *testing.T, c *catalog.Catalog) catalog.Change {
	t.Helper()
	change, err := c.Load()
	if err != nil {
		t.Fatal(err)
	}
	return change
}

// own returns the names without those of the shipped workflows.
func own(names []string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, "my-") })
}

// A definition with problems never replaces a good one, and is reported once.
func TestABadDefinitionDoesNotReplaceAGoodOne(t *testing.T) {
	f := folder{t, t.TempDir()}
	c := catalog.New(f.path, registry())
	f.write("my-one.yaml", definition("my-one", "ok"))
	f.write("my-bad.yaml", "workflow: my-bad\n")
	f.write("notes.txt", "no definition")
	f.write(".my-hidden.yaml", "workflow: my-hidden\n")
	first := load(t, c)
	if !slices.Equal(own(first.Loaded), []string{"my-one"}) || len(first.Bad) != 1 || first.Bad[0].Workflow != "my-bad" || first.Bad[0].Older || c.Bad() != 1 {
		t.Fatalf("at first: %+v", first)
	}
	before, _ := c.Workflow("my-one")
	if _, ok := c.Workflow("my-bad"); ok {
		t.Error("a bad definition can be started")
	}
	if again := load(t, c); !again.IsEmpty() {
		t.Errorf("without a change: %+v", again)
	}
	for _, bad := range []string{"workflow: my-one\nsteps: [{task: nothing}]\n", "", "\x00", "workflow: my-other\nsteps: []\n"} {
		f.write("my-one.yaml", bad)
		change := load(t, c)
		if now, ok := c.Workflow("my-one"); !ok || now != before {
			t.Errorf("%q has replaced the good one", bad)
		}
		if len(change.Bad) != 1 || !change.Bad[0].Older || len(change.Bad[0].Problems) == 0 || len(change.Loaded)+len(change.Removed) > 0 || c.Bad() != 2 {
			t.Errorf("%q: %+v", bad, change)
		}
		if again := load(t, c); !again.IsEmpty() {
			t.Errorf("%q is reported again: %+v", bad, again)
		}
	}
	f.write("my-one.yaml", definition("my-one", "ok x"))
	if change := load(t, c); !slices.Equal(change.Loaded, []string{"my-one"}) || c.Bad() != 1 {
		t.Errorf("mended: %+v", change)
	}
	if now, _ := c.Workflow("my-one"); now == before {
		t.Error("the new text is not used")
	}
	if err := os.Remove(filepath.Join(f.path, "my-one.yaml")); err != nil {
		t.Fatal(err)
	}
	if change := load(t, c); !slices.Equal(change.Removed, []string{"my-one"}) || slices.Contains(c.Names(), "my-one") {
		t.Errorf("removed: %+v", change)
	}
}

// A workflow changes with those that it calls.
func TestACalledWorkflowChanges(t *testing.T) {
	f := folder{t, t.TempDir()}
	c := catalog.New(f.path, registry())
	f.write("my-caller.yaml", "workflow: my-caller\nsteps: [{id: call, workflow: my-callee}]\n")
	f.write("my-callee.yaml", definition("my-callee", "ok"))
	load(t, c)
	f.write("my-callee.yaml", definition("my-callee", "ok x"))
	if change := load(t, c); !slices.Equal(change.Loaded, []string{"my-callee", "my-caller"}) {
		t.Errorf("it is %+v", change)
	}
	f.write("my-callee.yaml", "workflow: my-callee\n")
	if change := load(t, c); len(change.Bad) != 2 || c.Bad() != 2 || !slices.Equal(own(c.Names()), []string{"my-callee", "my-caller"}) {
		t.Errorf("a bad callee: %+v", change)
	}
}

// Nothing outside the folder is read, and what is no file stops nothing.
func TestOnlyFilesOfTheFolder(t *testing.T) {
	f := folder{t, t.TempDir()}
	outside := folder{t, t.TempDir()}
	outside.write("my-secret.yaml", definition("my-secret", "ok"))
	f.write("my-good.yaml", definition("my-good", "ok"))
	f.write("inside.txt", definition("my-link", "ok"))
	for link, target := range map[string]string{
		"my-secret.yaml": filepath.Join(outside.path, "my-secret.yaml"), "my-relative.yaml": "../" + filepath.Base(outside.path) + "/my-secret.yaml",
		"my-link.yaml": "inside.txt", "my-nothing.yaml": "nothing",
	} {
		if err := os.Symlink(target, filepath.Join(f.path, link)); err != nil {
			t.Skip(err)
		}
	}
	if err := os.Mkdir(filepath.Join(f.path, "my-folder.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
	c := catalog.New(f.path, registry())
	change := load(t, c)
	if got := own(c.Names()); !slices.Equal(got, []string{"my-good", "my-link"}) || len(change.Bad) != 2 {
		t.Errorf("the workflows are %q, %+v", got, change.Bad)
	}
}

// Intake files are loaded with the workflows that they start. A bad one never replaces a good one.
func TestIntake(t *testing.T) {
	f := folder{t, t.TempDir()}
	c := catalog.New(f.path, registry())
	f.write("my-one.yaml", definition("my-one", "ok"))
	f.write("intake.yaml", "version: 1\nsource: ism\nrules: [{name: all, workflow: my-one}]\n")
	f.write("my-intake.yaml", definition("my-intake", "ok")) // a workflow with such a name
	change := load(t, c)
	if len(change.Intake) != 1 || len(change.Bad) > 0 || len(c.Sources()) != 1 || !slices.Contains(c.Names(), "my-intake") {
		t.Fatalf("at first: %+v", change)
	}
	before := c.Sources()[0]
	if change := load(t, c); !change.IsEmpty() || c.Sources()[0] != before {
		t.Errorf("without a change: %+v", change)
	}
	f.write("my-one.yaml", definition("my-one", "ok x"))
	now, _ := c.Workflow("my-one")
	if change := load(t, c); len(change.Loaded) != 1 || len(change.Intake) > 0 {
		t.Errorf("another workflow: %+v", change)
	}
	if changed, _ := c.Workflow("my-one"); changed == now || c.Sources()[0].Rules[0].Workflow.Digest != changed.Digest {
		t.Error("the rule starts the older workflow")
	}
	good := c.Sources()[0]
	f.write("intake.yaml", "version: 1\nsource: ism\nrules: [{name: all, workflow: nothing}]\n")
	if change := load(t, c); len(change.Bad) != 1 || !change.Bad[0].Older || change.Bad[0].Workflow != "" || c.Bad() != 1 || c.Sources()[0] != good {
		t.Errorf("a bad one: %+v", change)
	}
	if err := os.Remove(filepath.Join(f.path, "intake.yaml")); err != nil {
		t.Fatal(err)
	}
	if change := load(t, c); len(change.Intake) != 1 || len(c.Sources()) > 0 || c.Bad() != 0 {
		t.Errorf("removed: %+v", change)
	}
}

// A folder that cannot be read is an error; what was loaded stays.
func TestNoFolder(t *testing.T) {
	f := folder{t, filepath.Join(t.TempDir(), "definitions")}
	c := catalog.New(f.path, registry())
	if _, err := c.Load(); err == nil {
		t.Error("a missing folder is no error")
	}
	if err := os.Mkdir(f.path, 0o700); err != nil {
		t.Fatal(err)
	}
	f.write("my-one.yaml", definition("my-one", "ok"))
	load(t, c)
	if err := os.RemoveAll(f.path); err != nil {
		t.Fatal(err)
	}
	_, err := c.Load()
	if _, ok := errors.AsType[*library.FolderError](err); !ok || len(own(c.Names())) != 1 {
		t.Errorf("%v, %q", err, c.Names())
	}
	if shipped := catalog.New("", registry()); len(load(t, shipped).Loaded) != 5 || shipped.Bad() != 0 {
		t.Errorf("the shipped workflows are %q", shipped.Names())
	}
}

// A change is loaded soon, and the folder on demand.
func TestWatch(t *testing.T) {
	f := folder{t, t.TempDir()}
	c := catalog.New(f.path, registry())
	load(t, c)
	ctx, stop := context.WithCancel(t.Context())
	changes, again, over := make(chan catalog.Change, 100), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		c.Watch(ctx, again, func(change catalog.Change, err error) {
			if err != nil {
				t.Error(err)
			}
			changes <- change
		})
	}()
	again <- struct{}{} // it watches
	if change := <-changes; !change.IsEmpty() {
		t.Errorf("without a change: %+v", change)
	}
	f.write("my-one.yaml", definition("my-one", "ok"))
	for waited := time.After(20 * time.Second); ; {
		select {
		case change := <-changes:
			if slices.Contains(change.Loaded, "my-one") {
				stop()
				<-over
				return
			}
		case <-waited:
			t.Fatal("the change was not loaded")
		}
	}
}
