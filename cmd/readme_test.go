package cmd_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"errand/cmd"
	"errand/cmd/cmdtest"
	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/goldenfile"
	"errand/tasks"
)

// pages are the documents whose examples the tests run.
var pages = append(shellPages, firstDay)

// firstDay is the page that follows a service from nothing to another machine. TestFirstDay carries it out.
const firstDay = "examples/operations/first-day.md"

// temporalPage is the page about errand-worker, whose tests carry it out.
const temporalPage = "examples/operations/temporal.md"

// shellPages are the pages whose commands a shell in this process carries out.
var shellPages = []string{
	"README.md", "examples/README.md", "definitions/TESTING.md", "definitions/INTAKE.md", "examples/operations/README.md", "examples/operations/uncertain.md",
	"examples/operations/backup.md", "examples/operations/retention.md", "examples/operations/copies.md", "examples/operations/crashes.md",
	"examples/operations/tokens.md", "examples/operations/service.md", "examples/operations/monitoring.md", "examples/operations/openid.md",
}

// TestReadme follows each page from top to bottom, as a reader does: it writes the YAML and the
// test cases to the files that the page names, and runs the commands. The page must show what each
// command prints. With -update, the test rewrites the page.
func TestReadme(t *testing.T) {
	for _, page := range shellPages {
		t.Run(strings.TrimSuffix(page, ".md"), func(t *testing.T) { runPage(t, page) })
	}
}

func runPage(t *testing.T, page string) {
	page, err := filepath.Abs(filepath.Join("..", page))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	s := newShell(t)
	made := cmdtest.Example.ReplaceAllStringFunc(string(text), func(block string) string {
		m := cmdtest.Example.FindStringSubmatch(block)
		switch m[1] {
		case "yaml", "txtar":
			writeExample(t, m[2])
		case "json":
			if name := cmdtest.JSONFile.FindStringSubmatch(block); name != nil {
				if err := os.WriteFile(name[1], []byte(m[2]), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		case "console":
			return "```console\n" + s.follow(m[2]) + "```"
		case "":
			for line := range strings.Lines(m[2]) {
				if command, ok := strings.CutPrefix(line, "go run ./cmd/"); ok {
					s.run(strings.TrimSpace(command), 0)
				}
			}
		}
		return block
	})
	if s.commands < 5 {
		t.Errorf("the page has only %d commands", s.commands)
	}
	goldenfile.Check(t, page, []byte(made))
}

func writeExample(t *testing.T, example string) {
	name := cmdtest.NamedFile.FindStringSubmatch(example)
	if name == nil {
		t.Fatalf("an example does not name its file:\n%s", example)
	}
	if _, problems := definition.Parse(name[1], []byte(example)); strings.Contains(example, "\nworkflow:") && filepath.Ext(name[1]) == ".yaml" && diag.HasErrors(problems) {
		t.Errorf("an example cannot be read: %v", problems)
	}
	if err := os.WriteFile(name[1], []byte(example), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A picture on a page is what `errand graph` draws for the definition next to it.
func TestReadmePictures(t *testing.T) {
	pictures := 0
	for _, page := range pages {
		text, err := os.ReadFile(filepath.Join("..", page))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`!\[[^\]]*\]\(([^)]+\.svg)\)`).FindAllSubmatch(text, -1) {
			pictures++
			file := filepath.Join("..", filepath.Dir(page), string(m[1]))
			var made, said bytes.Buffer
			c := &cmd.Command{Stdout: &made, Stderr: &said, Getenv: func(string) string { return "" }, Connectors: tasks.Connectors}
			if code := c.Run(t.Context(), []string{"graph", strings.TrimSuffix(file, ".svg") + ".yaml", "--format", "svg"}); code != cmd.ExitSucceeded {
				t.Fatalf("exit code %d: %s", code, &said)
			}
			goldenfile.Check(t, file, made.Bytes())
		}
	}
	if pictures == 0 {
		t.Error("no page has a picture")
	}
}

// The page about the examples shows the Go code of the example without a change.
func TestReadmeShowsTheExample(t *testing.T) {
	text, err := os.ReadFile("../examples/README.md")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile("../examples/custom/main.go")
	if err != nil {
		t.Fatal(err)
	}
	shown := 0
	for _, m := range cmdtest.Example.FindAllStringSubmatch(string(text), -1) {
		if m[1] != "go" {
			continue
		}
		shown++
		for part := range strings.SplitSeq(m[2], "\n\n") {
			if !strings.Contains(string(example), strings.TrimSpace(part)) {
				t.Errorf("examples/custom/main.go does not contain:\n%s", part)
			}
		}
	}
	if shown == 0 {
		t.Error("the page shows no Go code")
	}
}

// The README is short, and shows the two commands to begin with.
func TestReadmeIsShort(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(text, []byte("\n")); lines > 200 {
		t.Errorf("README.md has %d lines, want at most 200", lines)
	}
	begin := regexp.MustCompile("(?m)^```\ngo run \\./cmd/errand run .* --sandbox .*\ngo test \\./\\.\\.\\.\n```$")
	if !begin.Match(text) {
		t.Error("README.md does not show the two commands")
	}
}
