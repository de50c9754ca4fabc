package cmd_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"errand/cmd"
	"errand/cmd/cmdtest"
	"errand/tasks"
)

// typed carries out a command line in this process.
func typed(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, said bytes.Buffer
	getenv := func(string) string { return "" }
	c := &cmd.Command{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &said, Getenv: getenv, Connectors: tasks.Connectors, Users: people{"ann"}}
	code = c.Run(t.Context(), args)
	return out.String(), said.String(), code
}

// helpPages returns the help of the program, and of each command and group that it lists.
func helpPages(t *testing.T) []cmdtest.Page {
	t.Helper()
	return theProgram.Pages(t, 55)
}

// theProgram is the program in this process.
var theProgram = cmdtest.Program{Name: "errand", Run: typed}

// A usage line has the whole path of its command, and the help of a command is the same wherever a
// person asks for it: before, between and after the words, and as a topic.
func TestHelpOfEveryCommand(t *testing.T) {
	for _, p := range helpPages(t)[1:] {
		name := "errand " + strings.Join(p.Path, " ")
		group := cmdtest.Section(p.Text, "Commands") != "\n"
		if got, _, _ := strings.Cut(p.Usage+" ", " ["); !group && !strings.HasPrefix(p.Usage+" ", name+" ") {
			t.Errorf("%s --help prints the usage of %q", name, got)
		}
		if !group && len(p.Examples) == 0 {
			t.Errorf("%s --help has no example", name)
		}
		ways := [][]string{append([]string{"--help"}, p.Path...), append(slices.Clone(p.Path), "-h")}
		if name := strings.Join(p.Path, " "); name != "backup" && name != "intake" { // there are pages of the manual with these names
			ways = append(ways, append([]string{"help"}, p.Path...))
		}
		if !group {
			ways = append(ways, append(slices.Clone(p.Path), "some-name", "--help"), append(slices.Clone(p.Path), "-h", "some-name", "another"))
		}
		for _, args := range ways {
			if out, said, code := typed(t, args...); code != cmd.ExitSucceeded || out != p.Text {
				t.Errorf("errand %s: exit code %d, and not the help of %s\n%s%s", strings.Join(args, " "), code, name, said, out)
			}
		}
	}
}

// A help that is asked for a command that does not exist names the mistake.
func TestHelpOfNoCommand(t *testing.T) {
	for _, args := range [][]string{{"chek", "--help"}, {"--help", "chek"}, {"runs", "shwo", "--help"}, {"serve", "tokn", "--help"}, {"serve", "token", "ad", "--help"}, {"--help", "runs", "shwo"}, {"approve", "--help"}} {
		_, said, code := typed(t, args...)
		if code != cmd.ExitUsage || !strings.HasPrefix(said, "errand: there is no command ") {
			t.Errorf("errand %s: exit code %d\n%s", strings.Join(args, " "), code, said)
		}
	}
	if _, said, code := typed(t, "run", "start-instance", "--input", "--help"); code == cmd.ExitSucceeded {
		t.Errorf("--help as the value of a flag is help\n%s", said)
	}
}

// Each form of a usage line is accepted: with the optional names and without them, and with one
// name more it is refused as too much.
func TestUsageLines(t *testing.T) {
	for _, p := range helpPages(t)[1:] {
		if p.Usage == "" {
			continue
		}
		rest := strings.TrimPrefix(p.Usage, "errand "+strings.Join(p.Path, " "))
		rest, _ = strings.CutSuffix(rest, " [FLAGS]")
		if strings.Contains(rest, "…") || slices.Contains([]string{"help"}, p.Path[0]) {
			continue // any number of names
		}
		most := strings.Fields(rest)
		args := slices.Clone(p.Path)
		for range len(most) + 1 {
			args = append(args, "a-name")
		}
		_, said, code := typed(t, args...)
		if code != cmd.ExitUsage {
			t.Errorf("errand %s: exit code %d, although the usage is %q\n%s", strings.Join(args, " "), code, p.Usage, said)
		}
	}
}

// --version is the command version.
func TestVersionFlag(t *testing.T) {
	want, _, _ := typed(t, "version")
	got, said, code := typed(t, "--version")
	if code != cmd.ExitSucceeded || got != want {
		t.Errorf("errand --version: exit code %d, printed %q %s, want %q", code, got, said, want)
	}
}
