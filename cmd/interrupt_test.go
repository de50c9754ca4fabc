package cmd_test

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
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

// A terminal that is closed ends the process in order, as SIGTERM does: the run is left to another
// process. A reader of the output that leaves does not end the process at all.
func TestHangUpAndClosedPipe(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has neither")
	}
	file := filepath.Join(t.TempDir(), "slow.yaml")
	err := os.WriteFile(file, []byte(`workflow: slow
steps:
  - {id: first, task: timer.delay, with: {duration: 500ms}}
  - {id: second, task: timer.delay, with: {duration: 2s}}
outputs:
  at: ${{ steps.second.fired_at }}
`), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		act  func(process *exec.Cmd, stderr io.Closer) error
		code int
		want string // in the list of runs
	}{
		{"hang-up", func(process *exec.Cmd, _ io.Closer) error { return process.Process.Signal(syscall.SIGHUP) }, 4, "waiting"},
		{"closed pipe", func(_ *exec.Cmd, stderr io.Closer) error { return stderr.Close() }, 0, "succeeded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			process := exec.CommandContext(t.Context(), "errand", "run", file, "--request", "100-291", "--home", home)
			stderr, err := process.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := process.Start(); err != nil {
				t.Fatal(err)
			}
			if _, err := bufio.NewReader(stderr).ReadString('\n'); err != nil {
				t.Fatal(err)
			}
			if err := c.act(process, stderr); err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, stderr)
			_ = process.Wait()
			if code := process.ProcessState.ExitCode(); code != c.code {
				t.Errorf("exit code %d (%s), want %d", code, process.ProcessState, c.code)
			}
			out, err := exec.CommandContext(t.Context(), "errand", "runs", "list", "--home", home).CombinedOutput()
			if err != nil || !strings.Contains(string(out), c.want) || strings.Contains(string(out), "middle of") {
				t.Errorf("%v: %s", err, out)
			}
			out, err = exec.CommandContext(t.Context(), "errand", "runs", "resume", "100-291", "--home", home).CombinedOutput()
			if err != nil || !strings.Contains(string(out), "succeeded after") {
				t.Errorf("resumed: %v: %s", err, out)
			}
		})
	}
}

// During a call that hangs, an interrupt says which answer the process waits for. The next one ends
// the process at once.
func TestInterruptDuringACall(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot interrupt another process")
	}
	asked, answer := make(chan struct{}, 10), make(chan struct{})
	ism := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		<-answer
	}))
	defer ism.Close()
	defer close(answer)
	file := filepath.Join(t.TempDir(), "hangs.yaml")
	if err := os.WriteFile(file, []byte("workflow: hangs\nsteps: [{id: read, task: ism.get_service_request, with: {ticket: 100-291}}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	process := exec.CommandContext(t.Context(), "errand", "run", file, "--request", "100-291", "--home", t.TempDir())
	process.Env = append(os.Environ(), "ERRAND_ISM_APP_URL="+ism.URL, "ERRAND_ISM_USER_AUTH_TOKEN=token1", "ERRAND_ISM_SLICE_TOKEN=token2",
		"ERRAND_ISM_WEBSERVICE_USER_NAME=errand", "ERRAND_ISM_WEBSERVICE_USER_PASSWORD=password")
	stderr, err := process.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	<-asked
	var said strings.Builder
	lines := bufio.NewReader(io.TeeReader(stderr, &said))
	if err := process.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("%v: %s", err, said.String())
		}
		if strings.Contains(line, "stopping before the next effect; waiting for the answer to read (ism.get_service_request)") {
			break
		}
	}
	for process.ProcessState == nil { // the process may not have given up the signal yet
		_ = process.Process.Signal(os.Interrupt)
		if _, err := lines.ReadString('\n'); err == io.EOF {
			_ = process.Wait()
		}
	}
	if code := process.ProcessState.ExitCode(); code != -1 {
		t.Errorf("exit code %d (%s): %s", code, process.ProcessState, said.String())
	}
}
