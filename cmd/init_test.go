package cmd_test

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"errand/cmd"
	"errand/engine/task"
	"errand/tasks"
)

// The first workflow of every task type has no problems, and its cases pass, also with a crash at
// any point. A shell carries out each command that init and show print for it.
func TestInitOfEveryTask(t *testing.T) {
	t.Chdir(t.TempDir())
	command := func(args ...string) (code int, said string) {
		var out bytes.Buffer
		c := &cmd.Command{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }, Connectors: tasks.Connectors}
		code = c.Run(t.Context(), args)
		return code, out.String()
	}
	registry := tasks.Registry(task.Environment{})
	runs, quoted := 0, 0
	for _, name := range registry.Names() {
		if of, _ := registry.Lookup(name); of.Effect == task.Pure {
			continue
		}
		mine := "my-" + strings.NewReplacer(".", "-", "_", "-").Replace(name)
		code, said := command("init", mine, "--task", name)
		if code != cmd.ExitSucceeded {
			t.Errorf("init --task %s: exit %d\n%s", name, code, said)
		}
		lines := nextCommand.FindAllString(said, -1)
		if len(lines) < 2 {
			t.Errorf("init --task %s prints the commands %q", name, lines)
		}
		for _, line := range lines {
			if out, code := typedInShell(t, line); code != cmd.ExitSucceeded {
				t.Errorf("init --task %s prints a command that does not work: %s\n%s", name, line, out)
			}
			if strings.HasPrefix(line, "errand run ") {
				runs++
				quoted += strings.Count(line, "--input '")
			}
		}
		code, said = command("show", mine+".yaml")
		line, found := strings.CutPrefix(said[strings.LastIndex(said, "\ntry it: ")+1:], "try it: ")
		if code != cmd.ExitSucceeded || !found {
			t.Errorf("show %s: exit %d\n%s", mine, code, said)
		} else if out, code := typedInShell(t, line); code == cmd.ExitUsage {
			t.Errorf("show prints a command that does not work: %s\n%s", line, out)
		}
	}
	if runs < 10 || quoted == 0 {
		t.Errorf("init prints %d runs, %d of the inputs in quotes", runs, quoted)
	}
	for _, args := range [][]string{{"check", ".", "--strict"}, {"test"}, {"test", "--crash-everywhere"}} {
		if code, said := command(args...); code != cmd.ExitSucceeded {
			t.Errorf("%s: exit %d\n%s", args, code, said)
		}
	}
}

// nextCommand is a command that init prints, except errand test, which the test runs once in the end.
var nextCommand = regexp.MustCompile(`(?m)errand (run|graph) .*$`)

// typedInShell carries out a command line in bash.
func typedInShell(t *testing.T, line string) (out string, code int) {
	t.Helper()
	shell := exec.CommandContext(t.Context(), "bash", "-c", line)
	shell.Env = append(os.Environ(), "ERRAND_HOME="+t.TempDir(), "AWS_EC2_METADATA_DISABLED=true")
	said, err := shell.CombinedOutput()
	if shell.ProcessState == nil {
		t.Fatal(err)
	}
	return string(said), shell.ProcessState.ExitCode()
}
