package cmd_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
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

// pages are the documents whose examples the tests carry out.
var pages = []string{"README.md", "examples/README.md", "definitions/TESTING.md", "examples/operations/README.md"}

var (
	fence    = regexp.MustCompile("(?ms)^```([a-z]*)\n(.*?)^```$")
	fileName = regexp.MustCompile(`^# file: (\S+)\n`)
)

// TestReadme carries out each page as a reader would, from top to bottom: it writes the YAML and the test cases to the files that they
// name and runs the commands. What a command prints must stand below it. With -update the test rewrites the page.
func TestReadme(t *testing.T) {
	for _, page := range pages {
		t.Run(strings.TrimSuffix(page, ".md"), func(t *testing.T) { carryOut(t, page) })
	}
}

func carryOut(t *testing.T, page string) {
	page, err := filepath.Abs(filepath.Join("..", page))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	s := newShell(t)
	made := fence.ReplaceAllStringFunc(string(text), func(block string) string {
		m := fence.FindStringSubmatch(block)
		switch m[1] {
		case "yaml", "txtar":
			writeExample(t, m[2])
		case "console":
			var out strings.Builder
			for line := range strings.Lines(m[2]) {
				if command, ok := strings.CutPrefix(line, "$ "); ok {
					out.WriteString(line + s.run(strings.TrimSpace(command)))
				}
			}
			return "```console\n" + out.String() + "```"
		case "":
			for line := range strings.Lines(m[2]) {
				if command, ok := strings.CutPrefix(line, "go run ./cmd/"); ok {
					s.run(strings.TrimSpace(command))
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
	name := fileName.FindStringSubmatch(example)
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

// A shell runs the commands of a page, in a folder and with an environment of its own: `errand …`, `errand sandbox … &`, `export …` and
// `echo $?`.
type shell struct {
	t        *testing.T
	env      map[string]string
	code     int         // of the last command
	names    [][2]string // what a page shows, and what it stands for on this machine
	commands int
}

func newShell(t *testing.T) *shell {
	t.Chdir(t.TempDir())
	for name := range strings.FieldsSeq("XDG_STATE_HOME XDG_CONFIG_HOME ERRAND_HOME ERRAND_DEFINITIONS ERRAND_KEY_FILE ERRAND_KEY_COMMAND AWS_PROFILE " +
		"AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_REGION AWS_DEFAULT_REGION AWS_WEB_IDENTITY_TOKEN_FILE") {
		t.Setenv(name, "")
	}
	for name, value := range map[string]string{
		"HOME": t.TempDir(), "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none",
	} {
		t.Setenv(name, value)
	}
	return &shell{t: t, env: map[string]string{"USER": "i.meier"}, names: [][2]string{{"/var/lib/errand", t.TempDir()}}}
}

// real is a text of the page as it holds on this machine, and shown the opposite.
func (s *shell) real(text string) string {
	for _, name := range s.names {
		text = strings.ReplaceAll(text, name[0], name[1])
	}
	return text
}

func (s *shell) shown(text string) string {
	for _, name := range s.names {
		text = strings.ReplaceAll(text, name[1], name[0])
	}
	return text
}

// run carries out a command line and returns what it prints.
func (s *shell) run(line string) string {
	s.commands++
	words := strings.Fields(s.real(line))
	switch {
	case words[0] == "export":
		for _, assignment := range words[1:] {
			name, value, _ := strings.Cut(assignment, "=")
			s.t.Setenv(name, value)
			s.env[name] = value
		}
		return ""
	case line == "echo $?":
		return fmt.Sprintln(s.code)
	case words[0] != "errand":
		s.t.Fatalf("a page runs %q, which the test cannot", line)
	case words[len(words)-1] == "&":
		return s.serve(words[1 : len(words)-1])
	}
	var out bytes.Buffer
	s.code = s.errand(&out, &out).Run(s.t.Context(), words[1:])
	if !slices.Contains([]int{cmd.ExitSucceeded, cmd.ExitProblems, cmd.ExitFailed, cmd.ExitUncertain, cmd.ExitNotFound, cmd.ExitCredentials}, s.code) {
		s.t.Errorf("%s: exit code %d\n%s", line, s.code, &out)
	}
	return s.steady(out.String())
}

func (s *shell) errand(out, err io.Writer) *cmd.Command {
	return &cmd.Command{
		Stdin: strings.NewReader(""), Stdout: out, Stderr: err, Connectors: tasks.Connectors,
		Getenv: func(name string) string { return s.env[name] },
	}
}

// serve starts a sandbox in the background, on a port that is free, and returns its two first lines.
func (s *shell) serve(args []string) string {
	at := slices.Index(args, "--listen") + 1
	port := args[at][strings.LastIndex(args[at], ":"):]
	args[at] = "127.0.0.1:0"
	ctx, cancel := context.WithCancel(s.t.Context())
	lines, out := io.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.errand(out, io.Discard).Run(ctx, args)
		_ = out.Close()
	}()
	s.t.Cleanup(func() { cancel(); <-ended })
	reader := bufio.NewReader(lines)
	var text string
	for range 2 {
		line, err := reader.ReadString('\n')
		if err != nil {
			s.t.Fatalf("the sandbox did not start: %v", err)
		}
		text += line
	}
	s.names = append(s.names, [2]string{"127.0.0.1" + port, regexp.MustCompile(`127\.0\.0\.1:\d+`).FindString(text)})
	return s.shown(text)
}

var (
	callKey = regexp.MustCompile(`\b[a-z2-7]{52}\b`)
	runID   = regexp.MustCompile(`\b[a-z2-7]{16}\b`)
	second  = regexp.MustCompile(`20\d\d-\d\d-\d\d \d\d:\d\d:\d\d`)
	elapsed = regexp.MustCompile(` *\+[\d.]+m?s\b`)
	total   = regexp.MustCompile(`after [\d.]+m?s\b`)
)

// steady is an output in which nothing depends on the machine, the hour or the run's random id.
func (s *shell) steady(text string) string {
	text = s.shown(text)
	if s.env["ERRAND_HOME"] != "" { // in real time
		text = callKey.ReplaceAllString(text, "fcjviiv3hszbv2ekica3btf6grsoxvevekg6uokrefwiflekhgja")
		text = second.ReplaceAllString(text, "2026-01-05 09:00:00")
		text = elapsed.ReplaceAllStringFunc(text, func(s string) string { return fmt.Sprintf("%*s", len(s), "+0s") })
		text = total.ReplaceAllString(text, "after 0s")
	}
	return runID.ReplaceAllString(text, "kq3vzt5mwxa2hd7c")
}

// A picture on a page is what `errand graph` draws of the definition beside it.
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

// The page about the examples shows the Go code of the example as it is.
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

// The README is short, and says the two commands with which a reader begins.
func TestReadmeIsShort(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(text, []byte("\n")); lines > 200 {
		t.Errorf("README.md has %d lines; at most 200 are wanted", lines)
	}
	begin := regexp.MustCompile("(?m)^```\ngo run \\./cmd/errand run .* --sandbox .*\ngo test \\./\\.\\.\\.\n```$")
	if !begin.Match(text) {
		t.Error("README.md does not show the two commands")
	}
}

var (
	command = regexp.MustCompile("(?m)(?:^|`|\\$ |[ (])errand ([a-z]+)\\b(?: ([a-z]+)\\b)?")
	flag    = regexp.MustCompile(`(?:^|[ \x60(|\[])(--[a-z][a-z-]+)`)
	code    = regexp.MustCompile("(?ms)^```.*?^```$|`[^`\n]+`")
	link    = regexp.MustCompile(`\]\(([^)#]+)(?:#[^)]*)?\)`)
)

// Every command, flag and file that a page names is there.
func TestReadmeNamesWhatExists(t *testing.T) {
	help := func(args ...string) (string, bool) {
		var out bytes.Buffer
		c := &cmd.Command{Stdout: &out, Stderr: io.Discard, Getenv: func(string) string { return "" }, Connectors: tasks.Connectors}
		ok := c.Run(t.Context(), append([]string{"help"}, args...)) == cmd.ExitSucceeded
		return out.String(), ok
	}
	flags := map[string]bool{"--help": true}
	note := func(text string) {
		for _, m := range flag.FindAllStringSubmatch(text, -1) {
			flags[m[1]] = true
		}
	}
	names := map[string]bool{}
	for _, page := range append([]string{"definitions/README.md", "definitions/EDITORS.md"}, pages...) {
		text, err := os.ReadFile(filepath.Join("..", page))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllSubmatch(text, -1) {
			if target := string(m[1]); !strings.HasPrefix(target, "https://") {
				if _, err := os.Stat(filepath.Join("..", filepath.Dir(page), target)); err != nil {
					t.Errorf("%s: a link leads nowhere: %v", page, err)
				}
			}
		}
		for _, part := range code.FindAllString(string(text), -1) {
			for _, m := range command.FindAllStringSubmatch(part, -1) {
				names[m[1]] = true
				all, ok := help(m[1])
				if !ok {
					t.Errorf("%s: there is no command %q: %s", page, m[1], part)
				}
				note(all)
				if all, ok = help(m[1], m[2]); m[2] != "" && ok {
					note(all)
				} else if slices.Contains([]string{"runs", "credentials"}, m[1]) && m[2] != "" {
					t.Errorf("%s: there is no command %q: %s", page, m[1]+" "+m[2], part)
				}
			}
		}
	}
	for _, page := range pages {
		text, err := os.ReadFile(filepath.Join("..", page))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range code.FindAllString(string(text), -1) {
			for _, m := range flag.FindAllStringSubmatch(part, -1) {
				if !flags[m[1]] {
					t.Errorf("%s: there is no flag %q: %s", page, m[1], part)
				}
			}
		}
	}
	if len(names) < 10 {
		t.Errorf("the pages name only %d commands", len(names))
	}
}
