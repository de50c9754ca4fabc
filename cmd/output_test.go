package cmd

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/urfave/cli/v2"

	"errand/engine/diag"
	"errand/engine/task"
	"errand/tasks"
)

const escrowed = "--recipient age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"

// invocations has the arguments of each command, in a home where request 1 has a run that has
// succeeded, request 2 one that waits for a person, and request 3 one that has failed.
var invocations = map[string]string{
	"init": "first", "run": "done.yaml --request 4", "check": "done.yaml", "workflows": "", "show": "done.yaml",
	"plan": "done.yaml", "test": "own.yaml", "graph": "done.yaml", "connectors": "", "tasks": "", "schema": "",
	"lsp": "", "sandbox": "", "completion": "bash", "version": "", "help": "operations", "doctor": "", "intake test": "ticket.json",
	"runs list": "", "runs show": "1", "runs events": "1", "runs resume": "1", "runs retry": "3", "runs record": "1",
	"runs resolve": "2 ok --done", "runs approve": "2 ok --approve", "runs cancel": "2",
	"runs adopt": "--all", "runs suspect": "--all", "runs prune": "--older-than 1ms", "backup": "home.tar", "restore": "home.tar",
	"credentials add": "ec2 other --from-file keys.json", "credentials edit": "ec2 prod --from-file keys.json",
	"credentials list": "", "credentials show": "ec2 prod", "credentials validate": "ec2 prod", "credentials delete": "ec2 prod --yes",
	"credentials rotate": "", "credentials rewrap": "", "credentials escrow": escrowed, "credentials export": escrowed,
	"serve token add": "desk --role monitor", "serve token list": "", "serve token revoke": "old", "serve audit list": "", "serve audit verify": "",
	"serve pause": "intake", "serve unpause": "start-instance", "serve paused": "",
	"credentials recover": "keys.json", "credentials import": "keys.json",
}

// prepare fills the present folder with what a command needs.
func prepare(t *testing.T, command string) {
	t.Helper()
	before := map[string]int{}
	switch group, _, _ := strings.Cut(command, " "); group {
	case "runs", "credentials", "doctor":
		before = map[string]int{
			"run done.yaml --request 1": ExitSucceeded, "run ask.yaml --request 2": ExitUncertain, "run fail.yaml --request 3": ExitFailed,
			"credentials add ec2 prod --from-file keys.json": ExitSucceeded,
		}
	case "serve":
		before = map[string]int{"serve token add old --role monitor": ExitSucceeded, "serve pause start-instance": ExitSucceeded}
	case "intake":
		for name, text := range map[string]string{
			"intake.yaml": "version: 1\nsource: ism\nrules: [{name: all, workflow: done}]\n",
			"ticket.json": `{"TicketIdentifier": "4", "NonTranslatedTicketStatus": "New"}`,
		} {
			if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	case "test":
		before = map[string]int{"init own": ExitSucceeded}
	}
	for name, text := range map[string]string{
		"done.yaml": "workflow: done\nsteps: [{id: at, task: timer.delay, with: {duration: 1ms}}]\noutputs: {at: '${{ steps.at.fired_at }}'}\n",
		"ask.yaml":  "workflow: ask\nsteps: [{id: ok, approval: {ask: Go, by: [nobody-else]}}]\n",
		"fail.yaml": "workflow: fail\nsteps: [{id: note, task: worklog.format, with: {template: x}}, {id: late, fail: it is late}]\n",
		"keys.json": `{"access_key_id": "AKIDEXAMPLE", "secret_access_key": "a secret of the test", "region_endpoint": "http://127.0.0.1:9"}`,
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for line, want := range before {
		if code, said := into(t, &bytes.Buffer{}, strings.Fields(line)...); code != want {
			t.Fatalf("%s: exit code %d: %s", line, code, said)
		}
	}
}

// into runs a command line whose output goes to a writer.
func into(t *testing.T, stdout interface{ Write([]byte) (int, error) }, args ...string) (code int, stderr string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if args[0] == "sandbox" { // it serves until the context ends
		stdout = &ending{stdout, cancel}
	}
	var said bytes.Buffer
	c := &Command{Stdin: strings.NewReader(""), Stdout: stdout, Stderr: &said, Getenv: os.Getenv, Connectors: tasks.Connectors}
	code = c.Run(ctx, args)
	return code, said.String()
}

// An ending writer ends a command after its first output.
type ending struct {
	to     interface{ Write([]byte) (int, error) }
	cancel func()
}

func (e *ending) Write(p []byte) (int, error) {
	defer e.cancel()
	return e.to.Write(p)
}

// A full writer takes some bytes and then fails, as a disk does.
type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	n := min(f.left, len(p))
	f.left -= n
	if n < len(p) {
		return n, syscall.ENOSPC
	}
	return n, nil
}

// A command whose output cannot be written does its work, says so and ends with 74, or with the
// exit code that it has anyway. So does every form of its output.
func TestLostOutput(t *testing.T) {
	wrote := 0
	eachCommand(t, func(name string, c *cli.Command) {
		args, known := invocations[name]
		if !known {
			t.Errorf("errand %s has no invocation here", name)
			return
		}
		forms := []string{""}
		if slices.ContainsFunc(c.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), "o") }) && name != "graph" {
			forms = append(forms, "-o json")
		}
		for _, form := range forms {
			t.Run(name+form, func(t *testing.T) {
				line := append(strings.Fields(name+" "+args), strings.Fields(form)...)
				attempt := func(to interface{ Write([]byte) (int, error) }) (int, string) {
					folder := t.TempDir()
					t.Chdir(folder)
					t.Setenv("ERRAND_HOME", filepath.Join(folder, "home"))
					t.Setenv("XDG_CONFIG_HOME", filepath.Join(folder, "config"))
					t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
					prepare(t, name)
					return into(t, to, line...)
				}
				var whole bytes.Buffer
				code, said := attempt(&whole)
				if whole.Len() == 0 {
					t.Logf("it writes nothing, and ends with %d: %s", code, said)
					return
				}
				wrote++
				want := code
				if code == ExitSucceeded {
					want = ExitOutput
				}
				for _, room := range []int{0, whole.Len() / 2} {
					got, said := attempt(&full{room})
					if got != want || !strings.Contains(said, "errand: the output cannot be written: no space left on device\n") || strings.Contains(said, "fault") {
						t.Errorf("with room for %d of %d bytes: exit code %d, want %d: %s", room, whole.Len(), got, want, said)
					}
				}
			})
		}
	})
	if wrote < 40 {
		t.Errorf("only %d forms of output were written", wrote)
	}
}

// If the reader of the output has ended, such as head, the command succeeds all the same.
func TestOutputWithoutReader(t *testing.T) {
	if code, said := into(t, leaving{}, "version"); code != ExitSucceeded || said != "" {
		t.Errorf("exit code %d: %s", code, said)
	}
}

type leaving struct{}

func (leaving) Write([]byte) (int, error) { return 0, syscall.EPIPE }

// hostile is a text that a terminal would interpret: it sets the title, clears the screen and
// reverses the writing direction.
const hostile = "\x1b]0;title\a\x1b[2J\u009b2J\u202e\u007f\r\u2028"

// Whatever other systems, people and files say, no command writes what a terminal would interpret,
// in any form of its output.
func TestNoControlCharacters(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	t.Setenv("ERRAND_HOME", filepath.Join(folder, "home"))
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(folder, "config"))
	says := task.Define("bad.says", "Says anything.", task.Once, func(_ context.Context, _ task.Call, in struct {
		Text string `json:"text" doc:"Any text."`
	}) (saying, error) {
		return saying{hostile + in.Text}, nil
	})
	fails := task.Define("bad.fails", "Fails.", task.Once, func(context.Context, task.Call, struct{}) (saying, error) {
		return saying{}, &task.Failure{Code: "Code" + hostile, Message: "message" + hostile + "\n-- case.yaml --\n", Status: 400}
	})
	errand := func(args ...string) (int, string) {
		var out bytes.Buffer
		c := &Command{
			Stdin: strings.NewReader(""), Stdout: &out, Stderr: &out, Getenv: os.Getenv,
			Connectors: func(env task.Environment) []task.Connector {
				return append(tasks.Connectors(env), task.Connector{Name: "bad", Title: "Bad", Description: "Says anything.", Types: []task.Type{says, fails}})
			},
		}
		code := c.Run(t.Context(), args)
		if i := strings.IndexFunc(out.String(), func(c rune) bool { return c != '\n' && c != '\t' && !diag.IsPrintable(c) }); i >= 0 {
			t.Errorf("errand %q writes %q", args, out.String()[max(0, i-60):min(len(out.String()), i+20)])
		}
		return code, out.String()
	}
	escapes := `"name \e[2J \u009b2J \u202e"`
	file := "says" + strings.ReplaceAll(hostile, "/", "") + ".yaml"
	for name, text := range map[string]string{
		"says.yaml": "workflow: says\ntitle: " + escapes + "\ninputs: {text: {type: string}}\nsteps:\n" +
			"  - {id: says, name: " + escapes + ", task: bad.says, with: {text: '${{ inputs.text }}'}}\n" +
			"  - {id: ok, approval: {ask: '${{ steps.says.text }}', by: [root, " + escapes + "]}}\n" +
			"  - {id: fails, name: " + escapes + ", task: bad.fails}\noutputs: {said: '${{ steps.says.text }}'}\n",
		"fails.yaml": "workflow: fails\nsteps: [{id: fails, task: bad.fails}]\n",
		file:         "workflow: x\nsteps: [{task: bad.say" + "}]\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if code, said := errand("run", "says.yaml", "--request", hostile+"1", "--input", "text="+hostile); code != ExitUncertain {
		t.Fatalf("exit code %d: %s", code, said)
	}
	if code, said := errand("run", "fails.yaml", "--request", "3", "-o", "json"); code != ExitFailed || !strings.Contains(said, "Code\ufffd") {
		t.Errorf("exit code %d: %s", code, said)
	}
	if code, said := errand("runs", "record", "3", "--definition"); code != ExitSucceeded || !strings.Contains(said, "Code\ufffd") || strings.Count(said, "\n-- case.yaml --\n") != 1 {
		t.Errorf("exit code %d: %s", code, said)
	}
	run := func(line string) { errand(append(strings.Fields(line), hostile+"1")...) }
	for _, line := range []string{"runs show", "runs show -o json", "runs events", "runs events -o json", "runs record", "runs resume -o json", "runs cancel"} {
		run(line)
	}
	errand("run", "says.yaml", "--sandbox", "--approve", "ok", "--request", hostile, "--input", "text="+hostile)
	errand("run", "says.yaml", "--sandbox", "--approve", "ok", "--request", hostile, "--input", "text="+hostile, "-o", "json")
	for _, line := range []string{"runs list", "runs list -o json", "show says.yaml", "show says.yaml -o json", "graph says.yaml", "check says.yaml", "workflows", "plan says.yaml --input text=" + "x"} {
		errand(strings.Fields(line)...)
	}
	for _, args := range [][]string{
		{hostile}, {"runs", hostile}, {"runs", "show", hostile}, {"run", hostile}, {"run", hostile + ".yaml"}, {"check", file}, {"check", file, "-o", "json"}, {"check", file, "-o", "sarif"},
		{"show", file}, {"tasks", hostile}, {"help", hostile}, {"credentials", "show", "ec2", hostile}, {"credentials", "add", hostile, hostile}, {"runs", "list", "--" + hostile},
		{"runs", "list", "--status", hostile}, {"runs", "list", "--home", filepath.Join(folder, hostile)}, {"run", "says.yaml", "--inputs", hostile}, {"run", "says.yaml", "--request", "2", "--input", hostile},
		{"serve", hostile}, {"serve", "token", hostile}, {"serve", "token", "add", hostile, "--role", "admin"}, {"serve", "token", "add", "a", "--role", hostile},
		{"serve", "token", "add", "a", "--role", "operator", "--person", hostile}, {"serve", "token", "add", "a", "--role", "operator", "--person", "a", "--group", hostile},
		{"serve", "token", "add", "a", "--role", "requester", "--workflow", hostile, "--force"}, {"serve", "token", "add", "a", "--role", "admin", "--expires", hostile},
		{"serve", "token", "revoke", hostile}, {"serve", "pause", hostile}, {"serve", "pause", hostile, "--force"}, {"serve", "unpause", hostile},
		{"serve", "audit", "list", "--after", hostile}, {"serve", "audit", "verify", "--head", hostile},
		{"test", file}, {"runs", "record", hostile + "1", "--file", hostile}, {"completion", hostile}, {"sandbox", "--listen", hostile}, {"runs", "events", hostile + "1", "--after", hostile},
	} {
		errand(args...)
	}
}

type saying struct {
	Text string `json:"text" doc:"What it says."`
}

func (s saying) Summary() string { return s.Text }
