package cmd_test

import (
	"io"
	"strings"
	"testing"

	"errand/cmd"
	"errand/engine/task"
	"errand/tasks"
)

// The first workflow of every task type has no problems, and its cases pass, also with a crash at
// any point.
func TestInitOfEveryTask(t *testing.T) {
	t.Chdir(t.TempDir())
	command := func(args ...string) int {
		c := &cmd.Command{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard, Getenv: func(string) string { return "" }, Connectors: tasks.Connectors}
		return c.Run(t.Context(), args)
	}
	registry := tasks.Registry(task.Environment{})
	for _, name := range registry.Names() {
		if of, _ := registry.Lookup(name); of.Effect == task.Pure {
			continue
		}
		if code := command("init", "my-"+strings.NewReplacer(".", "-", "_", "-").Replace(name), "--task", name); code != cmd.ExitSucceeded {
			t.Errorf("init --task %s: exit %d", name, code)
		}
	}
	for _, args := range [][]string{{"check", ".", "--strict"}, {"test"}, {"test", "--crash-everywhere"}} {
		if code := command(args...); code != cmd.ExitSucceeded {
			t.Errorf("%s: exit %d", args, code)
		}
	}
}
