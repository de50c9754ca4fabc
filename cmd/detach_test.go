package cmd_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"errand/engine"
)

// `errand run --detach` puts the run on record, prints its id and ends. Another process carries out
// the run, and then ends. None of the files that they leave contains a secret.
func TestDetach(t *testing.T) {
	t.Parallel()
	w := shipped[3]
	calm := w.undisturbed(t)
	s := newScene(t, w.world)
	behind, gate := s.withGate(t, 2, false)
	asked := behind.errand(t, append(w.run(), "--detach")...)
	id := strings.TrimSuffix(asked.stdout, "\n")
	if asked.code != 0 || !regexp.MustCompile(`^[a-z2-7]{16}$`).MatchString(id) {
		t.Fatalf("exit code %d, expected the id of a run, got %q\n%s", asked.code, asked.stdout, asked.stderr)
	}
	told := carriesOut.FindStringSubmatch(asked.stderr)
	if told == nil {
		t.Fatalf("stderr:\n%s", asked.stderr)
	}
	over := watchEnd(t, told[1])

	// The first process has ended. The second one is in the middle of the run.
	if held := gate.wait(over); held != w.effects[1] {
		t.Errorf("the request that is held asks for %s", held)
	}
	if runs := s.runs(t); len(runs) != 1 || runs[0].Run != id || runs[0].Status != engine.Running {
		t.Errorf("during the run, the home has %+v", runs)
	}
	wal, err := os.Stat(filepath.Join(s.home, "journal.db-wal"))
	if err != nil || wal.Size() == 0 {
		t.Errorf("the log of the database is empty: %v", err)
	}
	s.noSecret(t)
	close(gate.open)

	<-over
	calm.check(t, s, s.errand(t, "runs", "show", id, "-o", "json"))
	for _, want := range []string{"run " + id + ": provision-instance for request 100-291", "close        done", "run " + id + ": succeeded"} {
		if log := s.log(t, id); !strings.Contains(log, want) {
			t.Errorf("the log does not contain %q:\n%s", want, log)
		}
	}
	if left, err := filepath.Glob(filepath.Join(s.home, "sessions", "*")); err != nil || len(left) > 0 {
		t.Errorf("sessions after the end: %v, %v", left, err)
	}
	s.noSecret(t)

	again := s.errand(t, append(w.run(), "--detach")...)
	if told = carriesOut.FindStringSubmatch(again.stderr); again.code != 0 || again.stdout != asked.stdout || told == nil {
		t.Fatalf("second command: exit code %d, %q\n%s", again.code, again.stdout, again.stderr)
	}
	<-watchEnd(t, told[1])
	calm.check(t, s, s.errand(t, "runs", "show", id, "-o", "json"))
}

// A process that waits ends when the home of its run is removed, whether it is detached or
// attached. An attached process prints the reason.
func TestHomeRemoved(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "parked.yaml")
	err := os.WriteFile(file, []byte("workflow: parked\nsteps: [{task: timer.delay, with: {duration: 1h}}]\n"), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("detached", func(t *testing.T) {
		t.Parallel()
		s := newScene(t, quick)
		asked := s.errand(t, "run", file, "--detach")
		told := carriesOut.FindStringSubmatch(asked.stderr)
		if told == nil {
			t.Fatalf("exit code %d, and stderr:\n%s", asked.code, asked.stderr)
		}
		over := watchEnd(t, told[1])
		if !s.waitUntilParked(t, &process{over: make(chan struct{})}) {
			t.Fatal("the run does not wait")
		}
		remove(t, s.home)
		<-over
	})
	t.Run("attached", func(t *testing.T) {
		t.Parallel()
		s := newScene(t, quick)
		p := s.start(t, "run", file)
		if !s.waitUntilParked(t, p) {
			t.Fatalf("the run does not wait: %+v", p.end(t))
		}
		remove(t, s.home)
		if o := p.end(t); o.code != 74 || !strings.Contains(o.stderr, "errand: the journal is not where it was: journal.db or its folder was removed or replaced\n") {
			t.Errorf("exit code %d: %s", o.code, o.stderr)
		}
		if _, err := os.Stat(s.home); err == nil {
			t.Error("the removed folder exists again")
		}
	})
}

func remove(t *testing.T, folder string) {
	t.Helper()
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
}

var carriesOut = regexp.MustCompile(`^process (\d+) carries out the run; errand runs show (?:--home \S+ )?[a-z2-7]{16} shows how far the run is\n$`)

// watchEnd returns a channel that is closed when the process has ended. The test fails if that
// takes more than a minute.
func watchEnd(t *testing.T, pid string) <-chan struct{} {
	t.Helper()
	id, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	over, deadline := make(chan struct{}), time.Now().Add(time.Minute)
	var polling sync.WaitGroup
	polling.Go(func() {
		for t.Context().Err() == nil && isRunning(id) {
			if time.Now().After(deadline) {
				t.Errorf("process %d has not ended after a minute", id)
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		close(over)
	})
	t.Cleanup(func() {
		polling.Wait()
		if p, err := os.FindProcess(id); err == nil && isRunning(id) {
			_ = p.Kill()
		}
	})
	return over
}

// isRunning reports whether a process exists and has not ended. The process is not a child of this
// one, so after its end it can remain as a zombie.
func isRunning(pid int) bool {
	p, err := os.FindProcess(pid)
	if err != nil || p.Signal(syscall.Signal(0)) != nil {
		return false
	}
	if runtime.GOOS != "linux" {
		return true
	}
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err == nil && !regexp.MustCompile(`\) [ZX] `).Match(stat)
}

// log returns what a detached process wrote.
func (s *scene) log(t *testing.T, run string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.home, "logs", run+".log"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// noSecret checks that no file in the home contains a secret.
func (s *scene) noSecret(t *testing.T) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(s.home, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(file)
		files++
		noSecret(t, file, string(data))
		return err
	})
	if err != nil || files < 4 { // the database with its two further files, and the log
		t.Errorf("looked at %d files: %v", files, err)
	}
}

// runs returns the runs of the home.
func (s *scene) runs(t *testing.T) []engine.Result {
	t.Helper()
	o := s.errand(t, "runs", "list", "-o", "json")
	var list struct{ Runs []engine.Result }
	if err := json.Unmarshal([]byte(o.stdout), &list); err != nil {
		t.Fatalf("exit code %d: %v\n%s%s", o.code, err, o.stdout, o.stderr)
	}
	return list.Runs
}
