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

// A credential that an unfinished run needs is deleted only with --force.
func TestDeleteCredentialInUse(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot interrupt another process")
	}
	folder := t.TempDir()
	t.Setenv("ERRAND_HOME", filepath.Join(folder, "home"))
	t.Setenv("ERRAND_KEY_FILE", filepath.Join(folder, "key"))
	file := filepath.Join(folder, "parked.yaml")
	err := os.WriteFile(file, []byte(`workflow: parked
steps:
  - id: wait
    task: timer.delay
    with: {duration: 1h}
  - id: look
    task: ec2.get_instance_status
    with: {instance_id: i-0a1b2c3d4e5f60001}
`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	errand := func(input string, want int, args ...string) string {
		t.Helper()
		process := exec.CommandContext(t.Context(), "errand", args...)
		process.Stdin = strings.NewReader(input)
		out, err := process.CombinedOutput()
		if _, failed := err.(*exec.ExitError); err != nil && !failed {
			t.Fatal(err)
		}
		if code := process.ProcessState.ExitCode(); code != want {
			t.Errorf("errand %s: exit code %d, want %d\n%s", strings.Join(args, " "), code, want, out)
		}
		return string(out)
	}
	errand(`{"access_key_id":"CANARYKEYID","secret_access_key":"canary-secret","region_endpoint":"http://127.0.0.1:1/ec2"}`, 0, "credentials", "add", "ec2", "default", "--from-file", "-")
	parked := exec.CommandContext(t.Context(), "errand", "run", file, "--request", "100-291")
	stderr, err := parked.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parked.Start(); err != nil {
		t.Fatal(err)
	}
	id := ""
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		if words := strings.Fields(lines.Text()); words[0] == "run" && id == "" {
			id = strings.TrimSuffix(words[1], ":")
		}
		if strings.Contains(lines.Text(), "waits") {
			if err := parked.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = parked.Wait()
	if out := errand("", 6, "credentials", "delete", "ec2", "default", "--yes"); !strings.Contains(out, "runs that have not ended need it: "+id) {
		t.Errorf("output: %s", out)
	}
	errand("", 0, "runs", "cancel", id)
	errand("", 0, "credentials", "delete", "ec2", "default", "--yes")
	errand("", 6, "credentials", "show", "ec2", "default")
}
