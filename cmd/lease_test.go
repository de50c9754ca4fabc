package cmd_test

import (
	"fmt"
	"strings"
	"testing"

	"errand/engine"
)

// While a process works on a run, no other process does: the others report which process holds the
// run. When that process is killed, the next one can take the run over.
func TestOneProcessAtATime(t *testing.T) {
	w := shipped[0]
	for _, c := range []struct {
		name     string
		answered bool // the request under way took effect
	}{{"before the request arrives", false}, {"after it took effect", true}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			calm := w.undisturbed(t)
			s := newScene(t, w.world)
			behind, gate := s.withGate(t, 1, c.answered)
			first := behind.start(t, w.run()...)
			gate.wait(first.over)

			holder := fmt.Sprintf("errand run, process %d", first.Process.Pid)
			others := []*process{s.start(t, "runs", "resume", "100-291"), s.start(t, w.run()...), s.start(t, "runs", "resume", "100-291", "-o", "json")}
			shown := s.errand(t, "runs", "show", "100-291")
			if want := "running, is carried out by " + holder; shown.code != 0 || !strings.Contains(shown.stdout, want) {
				t.Errorf("exit code %d; the output does not contain %q:\n%s%s", shown.code, want, shown.stdout, shown.stderr)
			}
			for _, other := range others {
				o := other.end(t)
				if want := "is held by " + holder; o.code != 75 || o.stdout != "" || !strings.Contains(o.stderr, want) {
					t.Errorf("exit code %d; the output does not contain %q:\n%s%s", o.code, want, o.stdout, o.stderr)
				}
			}

			first.kill(t)
			calm.check(t, s, s.errand(t, "runs", "resume", "100-291", "-o", "json"))
		})
	}
}

// Two processes that are started at the same moment for one request make one run, and each request
// once. The later process waits for the end of the run, or reports which process holds it.
func TestConcurrentProcesses(t *testing.T) {
	const times, atOnce = 20, 5 // more processes than processors, so that any can pause
	w := shipped[0]
	resume := []string{"runs", "resume", "100-291", "-o", "json"}
	for _, c := range []struct {
		name   string
		killed string // the point at which an earlier process was killed
		args   [2][]string
	}{
		{name: "new", args: [2][]string{w.run(), w.run()}},
		{name: "after a killed process", killed: "3 before", args: [2][]string{w.run(), resume}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			calm := w.undisturbed(t)
			codes := map[string]int{}
			for range times / atOnce {
				var scenes [atOnce]*scene
				var pairs [atOnce][2]*process
				for i := range scenes {
					scenes[i] = newScene(t, w.world)
					if c.killed == "" {
						continue
					}
					if o := scenes[i].withVariable(killVariable+"="+c.killed).errand(t, w.run()...); !o.killed {
						t.Fatalf("exit code %d: %s", o.code, o.stderr)
					}
				}
				for i, s := range scenes {
					pairs[i] = [2]*process{s.start(t, c.args[0]...), s.start(t, c.args[1]...)}
				}
				for i, s := range scenes {
					codes[s.share(t, calm, pairs[i])]++
				}
			}
			t.Logf("%d times; exit codes and how often: %v", times, codes)
		})
	}
}

// share checks that two processes worked on one run, and returns their exit codes.
func (s *scene) share(t *testing.T, calm ending, pair [2]*process) string {
	t.Helper()
	one, other := pair[0].end(t), pair[1].end(t)
	codes := fmt.Sprint(one.code, " ", other.code)
	if one.code == 75 {
		one, other = other, one
	}
	calm.check(t, s, one)
	switch other.code {
	case 0:
		calm.check(t, s, other)
		if a, b := one.result(t).Run, other.result(t).Run; a != b {
			t.Errorf("expected one run, got %s and %s", a, b)
		}
	case 75:
		if !strings.Contains(other.stderr, "is held by errand run") {
			t.Errorf("stderr does not name the holder of the run:\n%s", other.stderr)
		}
	default:
		t.Errorf("exit code %d: %s", other.code, other.stderr)
	}
	if runs := s.runs(t); len(runs) != 1 || runs[0].Status != engine.Succeeded {
		t.Errorf("the home has %+v", runs)
	}
	return codes
}
