package cmd_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"errand/cmd"
	"errand/cmd/cmdtest"
	"errand/tasks"
)

// A shell runs the commands of a page in a folder and an environment of its own. It supports
// `errand …`, `errand … &`, `kill -SIGNAL %JOB`, `export …` and `echo $?`.
type shell struct {
	t        *testing.T
	env      map[string]string
	code     int         // exit code of the last command
	names    [][2]string // a name on the page, and its value on this machine
	stand    cmdtest.StandIns
	commands int
	jobs     []*job // by number, from 1; nil if it was killed
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
	home := filepath.Join(t.TempDir(), "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	return &shell{t: t, env: map[string]string{}, names: [][2]string{{"/var/lib/errand", home}}, stand: cmdtest.NewStandIns()}
}

// toLocal replaces the names that a page shows with those of this machine. toPage is the inverse.
func (s *shell) toLocal(text string) string {
	text = s.stand.ToReal(text)
	for _, name := range s.names {
		text = strings.ReplaceAll(text, name[0], name[1])
	}
	return text
}

func (s *shell) toPage(text string) string {
	for _, name := range s.names {
		text = strings.ReplaceAll(text, name[1], name[0])
	}
	return text
}

// follow runs the commands of a transcript, and returns the transcript with what they print.
func (s *shell) follow(transcript string) string {
	var out strings.Builder
	for part := range strings.SplitSeq("\n"+strings.TrimSuffix(transcript, "\n"), "\n$ ") {
		if command, shown, _ := strings.Cut(part, "\n"); command != "" {
			out.WriteString("$ " + command + "\n" + s.run(command, countLines(shown)))
		}
	}
	return out.String()
}

func countLines(text string) int {
	if text == "" {
		return 0
	}
	return strings.Count(text, "\n") + 1
}

// run runs a command line, and returns what it prints. shown is the number of lines that the page
// shows; only a command in the background needs it.
func (s *shell) run(line string, shown int) string {
	s.commands++
	words := strings.Fields(s.toLocal(line))
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
	case words[0] == "kill":
		s.kill(words[1], words[2:])
		return ""
	case words[0] != "errand":
		s.t.Fatalf("a page runs %q, which this test does not support", line)
	case words[len(words)-1] == "&":
		return s.start(words[1:len(words)-1], shown)
	}
	var out bytes.Buffer
	if s.inRealTime() {
		s.code = s.process(&out, words[1:])
	} else {
		s.code = s.errand(&out, &out).Run(s.t.Context(), words[1:])
	}
	if !slices.Contains([]int{cmd.ExitSucceeded, cmd.ExitProblems, cmd.ExitFailed, cmd.ExitUncertain, cmd.ExitCancelled, cmd.ExitNotFound, cmd.ExitCredentials}, s.code) {
		s.t.Errorf("%s: exit code %d\n%s", line, s.code, &out)
	}
	return s.normalize(out.String())
}

// inRealTime reports whether the page has a home, so that its commands are not in a sandbox of their own.
func (s *shell) inRealTime() bool { return s.env["ERRAND_HOME"] != "" }

// process carries out a command in a process of its own, because records name processes, and returns its exit
// code.
func (s *shell) process(out io.Writer, args []string) int {
	s.t.Helper()
	p := exec.CommandContext(s.t.Context(), "errand", args...)
	p.Env, p.Stdout, p.Stderr = s.environment(), out, out
	if err := p.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.number(p)
	_ = p.Wait()
	return p.ProcessState.ExitCode()
}

// number gives a process the next number on the page.
func (s *shell) number(p *exec.Cmd) { s.stand.ToShown(fmt.Sprintf("process %d", p.Process.Pid)) }

func (s *shell) errand(out, err io.Writer) *cmd.Command {
	return &cmd.Command{
		Stdin: strings.NewReader(""), Stdout: out, Stderr: err, Connectors: tasks.Connectors,
		Getenv: func(name string) string { return s.env[name] }, Users: people{"i.meier"},
	}
}

var (
	runID  = regexp.MustCompile(`\b[a-z2-7]{16}\b`)
	pause  = regexp.MustCompile(`[\d.]+m?s, then looks`)
	second = regexp.MustCompile(`20\d\d-\d\d-\d\d([ T])\d\d:\d\d:\d\dZ`)
)

// normalize replaces the parts of an output that depend on the machine, the time or the run. In a sandbox only
// the id of the run is random, and each page shows one.
func (s *shell) normalize(text string) string {
	text = s.toPage(text)
	if !s.inRealTime() {
		return runID.ReplaceAllString(text, "kq3vzt5mwxa2hd7c")
	}
	text = s.stand.ToShown(text)
	text = second.ReplaceAllString(text, "2026-01-05${1}09:00:00Z")
	text = pause.ReplaceAllString(text, "5s, then looks")
	return cmdtest.Still(text)
}
