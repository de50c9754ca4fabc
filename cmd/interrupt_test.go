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

// An interrupt stops a run before its next effect, carries out `finally`, and exits with 5.
func TestInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an interrupt cannot be sent to another process there")
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
	process := exec.CommandContext(t.Context(), "errand", "run", file)
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
	all := strings.Join(said, "\n")
	if code := process.ProcessState.ExitCode(); code != 5 {
		t.Errorf("exit code %d\n%s", code, all)
	}
	for _, want := range []string{"cancelling before the next effect", "tidy         done", "cancelled after"} {
		if !strings.Contains(all, want) {
			t.Errorf("it does not say %q:\n%s", want, all)
		}
	}
	if strings.Contains(all, "never ") {
		t.Errorf("it went on:\n%s", all)
	}
}
