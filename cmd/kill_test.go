package cmd_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"errand/engine"
	"errand/engine/journal"
)

// killVariable has a process of this test binary kill itself at one of its commits: "3 before" or "3 after".
const killVariable = "ERRAND_TEST_KILL"

// killedAt is what stands between the runs and their journal in a process with such a variable. The empty value is none.
func killedAt(value string) func(journal.Journal) journal.Journal {
	var at int
	var when string
	if n, _ := fmt.Sscan(value, &at, &when); n != 2 {
		return nil
	}
	return func(j journal.Journal) journal.Journal {
		return &deadly{Journal: j, left: at, written: when == "after"}
	}
}

// A deadly journal kills its process at a commit: before it is written, or when it is written and nobody knows it yet.
type deadly struct {
	journal.Journal
	left    int
	written bool
}

// Commit implements journal.Writer. The runs of one command are carried out by one goroutine.
func (d *deadly) Commit(ctx context.Context, c journal.Change) error {
	if d.left--; d.left != 0 {
		return d.Journal.Commit(ctx, c)
	}
	if d.written {
		if err := d.Journal.Commit(ctx, c); err != nil {
			return err
		}
	}
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		return err
	}
	select {} // it may take a moment
}

// A run is killed with SIGKILL at every commit that it makes to its journal, once before the commit is written and once after, and gone on
// with by another process. It comes to what the undisturbed run comes to, and every request was made once.
func TestKilledAtEveryCommit(t *testing.T) {
	for _, w := range shipped {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			calm := w.undisturbed(t)
			var points, resumed, uncertain []string
			for at, more := 1, true; more && at < 50; at++ {
				for _, when := range []string{"before", "after"} {
					point := fmt.Sprint(at, " ", when)
					t.Run(point, func(t *testing.T) {
						s := newScene(t, w.world)
						o := s.with(killVariable+"="+point).errand(t, w.run()...)
						if more = o.killed; !more {
							calm.check(t, s, o)
							return
						}
						if o.stdout != "" {
							t.Errorf("it died, and had a result already: %s", o.stdout)
						}
						points = append(points, point)
						switch {
						case point == "1 before":
							if o = s.errand(t, "runs", "resume", "100-291"); o.code != 6 {
								t.Errorf("nothing is on record, and resuming it ends with exit code %d: %s", o.code, o.stderr)
							}
							o = s.errand(t, w.run()...)
						case (at%2 == 1) == (when == "after"):
							resumed = append(resumed, point)
							o = s.errand(t, "runs", "resume", "100-291", "-o", "json")
						default:
							o = s.errand(t, w.run()...)
						}
						if o.code == 4 {
							uncertain = append(uncertain, point)
							o = s.judge(t, o)
						}
						calm.check(t, s, o)
					})
				}
			}
			t.Logf("killed at %d points, half of which are before the commit; then `errand runs resume` at %d, and `errand run` again at the others", len(points), len(resumed))
			// Each effect has a commit of its own before it, and so has the end.
			if least := 2 * (len(w.effects) + 1); len(points) < least {
				t.Errorf("killed at %d points, want at least %d", len(points), least)
			}
			var want []string
			if w.name == "restart-instance" { // from when the intent is on record until the answer is
				want = []string{"1 after", "2 before"}
			}
			if !slices.Equal(uncertain, want) {
				t.Errorf("it was uncertain when killed at %q; want %q", uncertain, want)
			}
		})
	}
}

// judge decides about a reboot of which nobody knows whether it was asked for: EC2 can be neither asked again nor asked about it, but the
// judge counts reboots. It returns how the run went on.
func (s *scene) judge(t *testing.T, o outcome) outcome {
	t.Helper()
	result := o.result(t)
	if result.Status != engine.Uncertain || result.Failure.Step != "restart" {
		t.Fatalf("it is %s at %+v", result.Status, result.Failure)
	}
	if !strings.Contains(o.stderr, "uncertain") {
		t.Errorf("it does not say that it is uncertain:\n%s", o.stderr)
	}
	verdict := "--retry"
	for _, i := range s.state(t).Instances {
		if i.Reboots > 0 {
			verdict = "--done"
		}
	}
	return s.errand(t, "runs", "resolve", "100-291", "restart", verdict, "-o", "json")
}

// A run whose process was killed tells so: before somebody goes on with it, and in its timeline ever after.
func TestKilledRunTellsOfIt(t *testing.T) {
	t.Parallel()
	s := newScene(t, quick)
	w := shipped[0]
	// The third commit is the one that holds the answer to the start, and what is to be sent to ISM next.
	first := s.with(killVariable+"=3 before").start(t, w.run()...)
	if o := first.end(t); !o.killed {
		t.Fatalf("exit code %d: %s", o.code, o.stderr)
	}
	left := s.errand(t, "runs", "show", "100-291")
	second := s.start(t, "runs", "resume", "100-291")
	if o := second.end(t); o.code != 0 {
		t.Fatalf("exit code %d: %s", o.code, o.stderr)
	}
	shown := s.errand(t, "runs", "show", "100-291")
	for _, c := range []struct{ text, want string }{
		{left.stdout, `waiting, was left by a process that ended; errand runs resume \w{16}`},
		{shown.stdout, fmt.Sprintf(
			`(?s)run \w{16}: start-instance for request 100-291\n`+
				`\s+\S+ +resumed +by errand runs resume, process %d; errand run, process %d had ended in the middle of it\n`+
				`\s+\S+ +start +cut off +the process ended before the answer was on record\n`+
				`\s+\S+ +start +done +[^\n]*\n`+
				`.*run \w{16}: succeeded`, second.Process.Pid, first.Process.Pid)},
	} {
		if !regexp.MustCompile(c.want).MatchString(c.text) {
			t.Errorf("it does not tell %s:\n%s", c.want, c.text)
		}
	}
}
