package cmd_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"errand/cmd"
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

// A page is what `errand … --help` prints about a command.
type helpPage struct {
	path     []string // such as runs show
	text     string
	usage    string // what follows "Usage: "; empty for a group
	examples []string
	flags    []string // such as --home, -o
}

var (
	listedCommand = regexp.MustCompile(`(?m)^  (?:errand )?([a-z]+(?: [a-z]+)*) +\S`)
	usageLine     = regexp.MustCompile(`(?m)^Usage: (.*)$`)
	listedFlag    = regexp.MustCompile(`(?m)^  (--[a-z-]+)(?:[^,]*, (-[a-z])\b)?`)
)

// section returns the indented lines that follow a title.
func section(text, title string) string {
	_, rest, _ := strings.Cut(text, "\n"+title+":\n")
	rest, _, _ = strings.Cut(rest, "\n\n")
	rest, _, _ = strings.Cut(rest, "\nUsage: ")
	return rest + "\n"
}

// helpPages returns the help of the program, and of each command and group that it lists.
func helpPages(t *testing.T) []helpPage {
	t.Helper()
	page := func(path ...string) helpPage {
		text, _, code := typed(t, append(slices.Clone(path), "--help")...)
		if code != cmd.ExitSucceeded {
			t.Fatalf("errand %s --help: exit code %d", strings.Join(path, " "), code)
		}
		p := helpPage{path: path, text: text}
		if m := usageLine.FindStringSubmatch(text); m != nil {
			p.usage = m[1]
		}
		for line := range strings.Lines(section(text, "Examples")) {
			if line = strings.TrimSpace(line); line != "" {
				p.examples = append(p.examples, line)
			}
		}
		for _, m := range listedFlag.FindAllStringSubmatch(section(text, "Flags"), -1) {
			p.flags = append(p.flags, m[1:]...)
		}
		return p
	}
	pages := []helpPage{page()}
	for i := 0; i < len(pages); i++ {
		for _, m := range listedCommand.FindAllStringSubmatch(section(pages[i].text, "Commands"), -1) {
			pages = append(pages, page(strings.Fields(m[1])...))
		}
	}
	if len(pages) < 55 {
		t.Fatalf("the help lists only %d commands", len(pages))
	}
	return pages
}

// A usage line has the whole path of its command, and the help of a command is the same wherever a
// person asks for it: before, between and after the words, and as a topic.
func TestHelpOfEveryCommand(t *testing.T) {
	for _, p := range helpPages(t)[1:] {
		name := "errand " + strings.Join(p.path, " ")
		group := section(p.text, "Commands") != "\n"
		if got, _, _ := strings.Cut(p.usage+" ", " ["); !group && !strings.HasPrefix(p.usage+" ", name+" ") {
			t.Errorf("%s --help prints the usage of %q", name, got)
		}
		if !group && len(p.examples) == 0 {
			t.Errorf("%s --help has no example", name)
		}
		ways := [][]string{append([]string{"--help"}, p.path...), append(slices.Clone(p.path), "-h")}
		if name := strings.Join(p.path, " "); name != "backup" && name != "intake" { // there are pages of the manual with these names
			ways = append(ways, append([]string{"help"}, p.path...))
		}
		if !group {
			ways = append(ways, append(slices.Clone(p.path), "some-name", "--help"), append(slices.Clone(p.path), "-h", "some-name", "another"))
		}
		for _, args := range ways {
			if out, said, code := typed(t, args...); code != cmd.ExitSucceeded || out != p.text {
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
		if p.usage == "" {
			continue
		}
		rest := strings.TrimPrefix(p.usage, "errand "+strings.Join(p.path, " "))
		rest, _ = strings.CutSuffix(rest, " [FLAGS]")
		if strings.Contains(rest, "…") || slices.Contains([]string{"help"}, p.path[0]) {
			continue // any number of names
		}
		most := strings.Fields(rest)
		args := slices.Clone(p.path)
		for range len(most) + 1 {
			args = append(args, "a-name")
		}
		_, said, code := typed(t, args...)
		if code != cmd.ExitUsage {
			t.Errorf("errand %s: exit code %d, although the usage is %q\n%s", strings.Join(args, " "), code, p.usage, said)
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
