package golden_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"errand/engine/journal"
	"errand/engine/sample"
)

// outOfOrder lists the errors with which a call to the journal may fail.
var outOfOrder = []struct {
	name string
	err  *journal.StoreError
}{
	{"busy", &journal.StoreError{Doing: "wait", Locked: true, Err: errors.New("database is locked")}},
	{"full", &journal.StoreError{Doing: "write", Err: errors.New("database or disk is full")}},
	{"broken", &journal.StoreError{Doing: "write", Err: errors.New("disk I/O error")}},
	{"cancelled", &journal.StoreError{Doing: "wait", Err: context.Canceled}},
}

// A call to the journal fails, once or from then on. The process either goes on, or returns an
// error and the next process comes to the same outcome.
func TestStoreFailures(t *testing.T) {
	calls := sample.Of(t, "calls that fail", 4)
	for _, f := range workflows() {
		var points, gaveUp atomic.Int32
		t.Run(f.program.Name, func(t *testing.T) {
			calm := undisturbed(t, f)
			for _, e := range outOfOrder {
				for _, k := range []faultKind{
					{name: e.name + " once", every: true, err: e.err},
					{name: e.name + " for good", every: true, lasts: true, err: e.err},
				} {
					for _, at := range calls.Choose(f.program.Name+" "+k.name, calm.calls) {
						t.Run(fmt.Sprintf("%s at %d", k.name, at), func(t *testing.T) {
							t.Parallel()
							points.Add(1)
							w := disturbed(t, f, calm, "", journalFault{k, at})
							gaveUp.Add(int32(w.started - 1))
							if k.lasts && w.started != 2 {
								t.Errorf("it took %d processes", w.started)
							}
						})
					}
				}
			}
		})
		t.Logf("%s: %d runs with a call that failed, in %d of them the process gave up", f.program.Name, points.Load(), gaveUp.Load())
	}
}

// A commit is made but returns an error, and then the repetition or the lookup of the commit fails,
// too. The process must not take its own commit for that of another process: it goes on, and no
// person has to decide on a reboot.
func TestStoreFailuresAfterACommit(t *testing.T) {
	made := failures[1]
	commits := sample.Of(t, "pairs of failures", 4)
	for _, f := range workflows() {
		var points atomic.Int32
		t.Run(f.program.Name, func(t *testing.T) {
			calm := undisturbed(t, f)
			for _, second := range []journalFault{
				{faultKind{name: "the repetition fails once", every: true, err: errDisk}, 1},
				{faultKind{name: "the look fails once", every: true, err: errDisk}, 2},
				{faultKind{name: "the repetition fails for good", every: true, lasts: true, err: errDisk}, 1},
				{faultKind{name: "the look fails for good", every: true, lasts: true, err: errDisk}, 2},
			} {
				for _, i := range commits.Choose(f.program.Name+" "+second.name, calm.commits) {
					t.Run(fmt.Sprintf("%s at %d, %s", made.name, i, second.name), func(t *testing.T) {
						t.Parallel()
						points.Add(1)
						w := disturbed(t, f, calm, "", journalFault{made, i}, second)
						if !second.lasts && (w.started > 1 || w.verdicts != nil) {
							t.Errorf("it took %d processes, and a person had to say %q", w.started, w.verdicts)
						}
					})
				}
			}
		})
		t.Logf("%s: %d runs with a commit that was made and could not be seen", f.program.Name, points.Load())
	}
}
