package cmd_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// An interrupt stops a run before its next effect and loses nothing. The process prints how to
// continue the run, and no other process continues it by itself. A later cancel carries out its
// `finally`.
func TestInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot interrupt another process")
	}
	file := filepath.Join(t.TempDir(), "slow.yaml")
	err := os.WriteFile(file, []byte(`workflow: slow
steps:
  - id: wait
    task: timer.delay
    with: {duration: 1h}
  - id: never
    task: worklog.format
    with: {template: never}
finally:
  - id: tidy
    task: worklog.format
    with: {template: tidied}
`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("ERRAND_HOME", t.TempDir())
	process := exec.CommandContext(t.Context(), "errand", "run", file, "--request", "100-291")
	stderr, err := process.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	var said []string
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		said = append(said, lines.Text())
		if strings.Contains(lines.Text(), "waits") {
			if err := process.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = process.Wait()
	check := func(code, wantCode int, said string, wants ...string) {
		t.Helper()
		if code != wantCode {
			t.Errorf("exit code %d, want %d\n%s", code, wantCode, said)
		}
		for _, want := range wants {
			if !strings.Contains(said, want) {
				t.Errorf("the output does not contain %q:\n%s", want, said)
			}
		}
		if strings.Contains(said, "never ") {
			t.Errorf("the run continued:\n%s", said)
		}
	}
	check(process.ProcessState.ExitCode(), 4, strings.Join(said, "\n"), "stopping before the next effect", "errand runs resume ")

	errand := func(args ...string) (int, string) {
		process := exec.CommandContext(t.Context(), "errand", args...)
		out, err := process.CombinedOutput()
		if _, failed := err.(*exec.ExitError); err != nil && !failed {
			t.Fatal(err)
		}
		return process.ProcessState.ExitCode(), string(out)
	}
	code, out := errand("runs", "list")
	check(code, 0, out, "waiting", "stopped by errand run, process ")
	code, out = errand("runs", "resume", "--all")
	check(code, 0, out, "0 ended")
	code, out = errand("runs", "cancel", "100-291")
	check(code, 0, out, "tidy         done", "cancelled after")
	if strings.Contains(out, "resumed") {
		t.Errorf("the output reports a resumption:\n%s", out)
	}
	code, out = errand("runs", "cancel", "100-291")
	check(code, 6, out, "has ended already")
}
