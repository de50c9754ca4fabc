//go:build unix

package cmd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A pipe, a device or a folder in the place of a file is refused, wherever a command takes one, and
// nothing waits. What a shell passes for <(command) is read, and so is standard input.
func TestOnlyFilesAreRead(t *testing.T) {
	folder := t.TempDir()
	definitions := filepath.Join(folder, "definitions")
	for name, value := range map[string]string{
		"ERRAND_HOME": filepath.Join(folder, "home"), "ERRAND_KEY_FILE": filepath.Join(folder, "key"), "ERRAND_DEFINITIONS": definitions,
	} {
		t.Setenv(name, value)
	}
	if err := os.Mkdir(definitions, 0o700); err != nil {
		t.Fatal(err)
	}
	greet := filepath.Join(definitions, "greet.yaml")
	if err := os.WriteFile(greet, []byte("workflow: greet\ninputs: {name: {type: string}}\nsteps: [{id: note, task: worklog.format, with: {note: \"${{ inputs.name }}\"}}]\noutputs: {text: \"${{ steps.note.text }}\"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	pipe := filepath.Join(definitions, "pipe.yaml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	errand := errandIn(t)
	const text = `{"access_key_id":"CANARYKEYID","secret_access_key":"canary-secret"}`
	values := filepath.Join(folder, "values.json")
	if err := os.WriteFile(values, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{pipe: "is a pipe, not a file", os.DevNull: "is a device, not a file", definitions: "is a folder"} {
		for _, args := range [][]string{
			{"credentials", "add", "ec2", "default", "--from-file", path},
			{"credentials", "import", path, "--identity", greet},
			{"credentials", "import", greet, "--identity", path},
			{"credentials", "add", "ec2", "default", "--from-file", values, "--key-file", path},
			{"run", greet, "--inputs", path},
			{"check", path},
			{"intake", "test", greet, "--intake", path},
		} {
			if path == definitions && args[0] == "check" { // which checks the files in a folder
				continue
			}
			process := exec.CommandContext(t.Context(), "errand", args...)
			out, err := process.CombinedOutput()
			if err == nil || !strings.Contains(string(out), want) {
				t.Errorf("errand %s: %v, want %q\n%s", strings.Join(args, " "), err, want, out)
			}
		}
	}
	if out := errand("", 2, "check", definitions); !strings.Contains(out, "is a pipe, not a file") {
		t.Errorf("a pipe among the definitions:\n%s", out)
	}
	shell := func(script string) {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), "bash", "-c", script, "bash", greet).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", script, err, out)
		}
	}
	errand(text, 0, "credentials", "add", "ec2", "stdin", "--from-file", "-")
	errand(text, 0, "credentials", "add", "ec2", "dev-stdin", "--from-file", "/dev/stdin")
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip(err)
	}
	shell(`errand credentials add ec2 shell --from-file <(echo '` + text + `')`)
	shell(`errand run "$1" --inputs <(sleep 0.1; echo '{"name": "Dana"}')`)
	shell(`errand check <(cat "$1")`)
}
