package cmd_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"errand/cmd"
	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/goldenfile"
	"errand/tasks"
)

var (
	fence    = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```$")
	runID    = regexp.MustCompile(`[a-z2-7]{16}`)
	fileName = regexp.MustCompile(`^# file: (\S+)\n`)
)

// TestReadme and TestFirstSteps carry out what a page shows: its YAML and its cases are written to the files that it names, its commands are run, and what
// they print must stand under them, with the run's id replaced. With -update the page is rewritten.
func TestReadme(t *testing.T) { carryOut(t, "../README.md") }

// What a new user types and sees.
func TestFirstSteps(t *testing.T) { carryOut(t, "../examples/README.md") }

func carryOut(t *testing.T, page string) {
	t.Helper()
	page, err := filepath.Abs(page)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	commands := 0
	made := fence.ReplaceAllStringFunc(string(text), func(block string) string {
		m := fence.FindStringSubmatch(block)
		switch m[1] {
		case "yaml":
			name := fileName.FindStringSubmatch(m[2])
			if name == nil {
				t.Fatalf("a YAML example does not say its file:\n%s", m[2])
			}
			if _, problems := definition.Parse(name[1], []byte(m[2])); filepath.Ext(name[1]) == ".yaml" && diag.HasErrors(problems) {
				t.Errorf("an example cannot be read: %v", problems)
			}
			if err := os.WriteFile(name[1], []byte(m[2]), 0o644); err != nil {
				t.Fatal(err)
			}
		case "txtar":
			name := fileName.FindStringSubmatch(m[2])
			if name == nil {
				t.Fatalf("a case does not say its file:\n%s", m[2])
			}
			if err := os.WriteFile(name[1], []byte(m[2]), 0o644); err != nil {
				t.Fatal(err)
			}
		case "console":
			var out strings.Builder
			for line := range strings.Lines(m[2]) {
				if command, ok := strings.CutPrefix(line, "$ errand "); ok {
					commands++
					out.WriteString(line + run(t, strings.Fields(command)))
				}
			}
			return "```console\n" + out.String() + "```"
		case "":
			for line := range strings.Lines(m[2]) {
				if command, ok := strings.CutPrefix(line, "go run ./cmd/errand "); ok {
					commands++
					run(t, strings.Fields(command))
				}
			}
		}
		return block
	})
	if commands < 5 {
		t.Errorf("only %d commands were found", commands)
	}
	goldenfile.Check(t, page, []byte(made))
}

func run(t *testing.T, args []string) string {
	var out bytes.Buffer
	c := &cmd.Command{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }, Connectors: tasks.Connectors}
	code := c.Run(t.Context(), args)
	if !slices.Contains([]int{cmd.ExitSucceeded, cmd.ExitProblems, cmd.ExitFailed}, code) {
		t.Errorf("errand %s: exit code %d\n%s", strings.Join(args, " "), code, &out)
	}
	return runID.ReplaceAllString(out.String(), "kq3vzt5mwxa2hd7c")
}

// The Go code that the README shows is that of the example.
func TestReadmeShowsTheExample(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("../examples/custom/main.go")
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, m := range fence.FindAllStringSubmatch(string(text), -1) {
		if m[1] != "go" {
			continue
		}
		shown++
		for part := range strings.SplitSeq(m[2], "\n\n") {
			if !strings.Contains(string(example), strings.TrimSpace(part)) {
				t.Errorf("this is not in examples/custom/main.go:\n%s", part)
			}
		}
	}
	if shown == 0 {
		t.Error("no Go code is shown")
	}
}
