package cmd_test

import (
	"context"
	"fmt"
	"hash/fnv"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"errand/cmd/cmdtest"
	"errand/engine/journal"
	"errand/engine/sample"
)

// killVariable is the environment variable that makes a process of this test binary kill itself at
// one of its commits, such as "3 before" or "3 after".
const killVariable = cmdtest.KillVariable

// killedAt returns a wrapper for the journal of a process with this variable. It returns nil if the
// value is empty.
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

// A deadly journal kills its process at a commit: before the commit is written, or after it is
// written and before the caller gets the result.
type deadly struct {
	journal.Journal
	written bool

	mu   sync.Mutex // held for ever after the last commit
	left int
}

// Commit implements journal.Writer.
func (d *deadly) Commit(ctx context.Context, c journal.Change) error {
	return d.write(func() error { return d.Journal.Commit(ctx, c) })
}

// Put implements journal.Inbox. A decision counts as a commit.
func (d *deadly) Put(ctx context.Context, run string, m journal.Message) error {
	return d.write(func() error { return d.Journal.Put(ctx, run, m) })
}

// Cancel implements journal.Writer. It counts as a commit, like a decision.
func (d *deadly) Cancel(ctx context.Context, run string, m journal.Message) error {
	return d.write(func() error { return d.Journal.Cancel(ctx, run, m) })
}

// Adopt implements journal.Origin. It counts as a commit.
func (d *deadly) Adopt(ctx context.Context) error {
	return d.write(func() error { return d.Journal.Adopt(ctx) })
}

// Isolate implements journal.Origin. It counts as a commit.
func (d *deadly) Isolate(ctx context.Context, reason string) error {
	return d.write(func() error { return d.Journal.Isolate(ctx, reason) })
}

// write makes a commit, and kills the process if the commit is the chosen one.
func (d *deadly) write(commit func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.left--; d.left != 0 {
		return commit()
	}
	if d.written {
		if err := commit(); err != nil {
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
	select {} // the signal may take a moment
}

// sampleWorkflows returns the workflows whose runs are killed: all of them, or a sample with
// -short.
func sampleWorkflows(t *testing.T) []workflow {
	some := sample.Of(t, "workflows", 1)
	var chosen []workflow
	for name, all := range map[string][]workflow{"shipped": shipped, "forms": forms} {
		for _, n := range some.Choose(name, len(all)) {
			chosen = append(chosen, all[n-1])
		}
	}
	return chosen
}

// A process is killed with SIGKILL at every commit that it makes to the journal, once before the
// commit is written and once after it. Another process continues the run. The run ends as the
// undisturbed run does, and every request was made once.
func TestKilledAtEveryCommit(t *testing.T) {
	for _, w := range sampleWorkflows(t) {
		t.Run(w.title(), func(t *testing.T) {
			t.Parallel()
			calm := w.undisturbed(t)
			var points, uncertain []string
			for part := range w.parts() {
				for at, more := 1, true; more && at < 50; at++ {
					more = false
					for _, when := range []string{"before", "after"} {
						point := w.point(part, fmt.Sprint(at, " ", when))
						t.Run(point, func(t *testing.T) {
							s := newScene(t, w.world)
							s.runUpTo(t, w, part)
							o := s.withVariable(killVariable+"="+fmt.Sprint(at, " ", when)).errand(t, w.part(part)...)
							if o.killed {
								more = true
								points = append(points, point)
								o = s.continueKilled(t, w, part, point, o)
							}
							o, doubts := s.finish(t, w, o)
							if len(doubts) > 0 {
								uncertain = append(uncertain, point)
							}
							calm.check(t, s, o)
						})
					}
				}
			}
			t.Logf("killed at %d points, before and after the commit; uncertain at %d", len(points), len(uncertain))
			// There is one commit before each effect, one for each decision, and one at the end.
			if least := 2 * (len(w.effects) + len(w.decides) + 1); len(points) < least {
				t.Errorf("killed at %d points, want at least %d", len(points), least)
			}
			var want []string
			switch {
			case len(w.reboots) > 1: // the points depend on the order of the reboots
				if len(uncertain) < 2 || len(uncertain) == len(points) {
					t.Errorf("uncertain when killed at %q", uncertain)
				}
				return
			case len(w.reboots) == 1: // after the commit of the intent, before that of the answer; the first is before the check of the request
				want = []string{"2 after", "3 before"}
			}
			if !slices.Equal(uncertain, want) {
				t.Errorf("uncertain when killed at %q; want %q", uncertain, want)
			}
		})
	}
}

// continueKilled lets another process continue the run of a killed process.
func (s *scene) continueKilled(t *testing.T, w workflow, part int, point string, killed outcome) outcome {
	t.Helper()
	if killed.stdout != "" {
		t.Errorf("the killed process printed a result: %s", killed.stdout)
	}
	switch {
	case point == "1 before":
		if o := s.errand(t, "runs", "resume", "100-291"); o.code != 6 {
			t.Errorf("resuming without a record: exit code %d: %s", o.code, o.stderr)
		}
		return s.errand(t, w.run()...)
	case strings.HasSuffix(point, " 1 before"): // the decision is not on record
		return s.errand(t, w.part(part)...)
	case hash(w.title(), point)%2 == 0:
		return s.errand(t, "runs", "resume", "100-291", "-o", "json")
	}
	return s.errand(t, w.run()...)
}

// hash returns a hash of words. The test uses it to choose between variants, always in the same
// way.
func hash(words ...string) uint32 {
	h := fnv.New32a()
	for _, word := range words {
		_, _ = h.Write([]byte(word)) // a hash never returns an error
	}
	return h.Sum32()
}

// `errand runs show` reports that the process of a run was killed: before another process continues
// the run, and afterwards in the timeline.
func TestKilledRunIsShown(t *testing.T) {
	t.Parallel()
	s := newScene(t, quick)
	w := shipped[0]
	// The third commit contains the answer to the start and the intent of the first call of ISM.
	first := s.withVariable(killVariable+"=3 before").start(t, w.run()...)
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
		{left.stdout, `waiting, its process ended; errand runs resume --home \S+ \w{16} continues the run`},
		{shown.stdout, fmt.Sprintf(
			`(?s)run \w{16}: start-instance for request 100-291\n`+
				`\s+\S+ +check +done +[^\n]*\n`+
				`\s+\S+ +resumed +by errand runs resume, process %d; errand run, process %d had ended in the middle of it\n`+
				`\s+\S+ +start +cut off +the process ended before the answer was on record\n`+
				`(?:\s+\S+ +start +waits +[^\n]*\n)*`+
				`\s+\S+ +start +done +[^\n]*\n`+
				`.*run \w{16}: succeeded`, second.Process.Pid, first.Process.Pid)},
	} {
		if !regexp.MustCompile(c.want).MatchString(c.text) {
			t.Errorf("the output does not match %s:\n%s", c.want, c.text)
		}
	}
}
