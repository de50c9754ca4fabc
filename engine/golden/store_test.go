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

// outOfOrder are the errors with which any call to the journal may fail.
var outOfOrder = []struct {
	name string
	err  *journal.StoreError
}{
	{"busy", &journal.StoreError{Doing: "wait", Locked: true, Err: errors.New("database is locked")}},
	{"full", &journal.StoreError{Doing: "write", Err: errors.New("database or disk is full")}},
	{"broken", &journal.StoreError{Doing: "write", Err: errors.New("disk I/O error")}},
	{"cancelled", &journal.StoreError{Doing: "wait", Err: context.Canceled}},
}

// Each call to the journal fails, whatever it is for, once or from then on. Either the process gets over it or it says so, and then the
// next one comes to the same end.
func TestStoreFailures(t *testing.T) {
	calls := sample.Of(t, "calls that fail", 4)
	for _, f := range workflows() {
		var points, gaveUp atomic.Int32
		t.Run(f.program.Name, func(t *testing.T) {
			calm := undisturbed(t, f)
			for _, e := range outOfOrder {
				for _, k := range []kind{
					{name: e.name + " once", every: true, err: e.err},
					{name: e.name + " for good", every: true, lasts: true, err: e.err},
				} {
					for _, at := range calls.Choose(f.program.Name+" "+k.name, calm.calls) {
						t.Run(fmt.Sprintf("%s at %d", k.name, at), func(t *testing.T) {
							t.Parallel()
							points.Add(1)
							w := disturbed(t, f, calm, "", strike{k, at})
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

// A commit fails though it was made, and then the attempt to repeat it or the look whether it was made fails too. What the process did
// itself it does not take for somebody else's doing: where it lives it goes on, and no reboot is in doubt.
func TestStoreFailuresAfterACommit(t *testing.T) {
	made := failures[1]
	commits := sample.Of(t, "pairs of failures", 4)
	for _, f := range workflows() {
		var points atomic.Int32
		t.Run(f.program.Name, func(t *testing.T) {
			calm := undisturbed(t, f)
			for _, second := range []strike{
				{kind{name: "the repetition fails once", every: true, err: errDisk}, 1},
				{kind{name: "the look fails once", every: true, err: errDisk}, 2},
				{kind{name: "the repetition fails for good", every: true, lasts: true, err: errDisk}, 1},
				{kind{name: "the look fails for good", every: true, lasts: true, err: errDisk}, 2},
			} {
				for _, i := range commits.Choose(f.program.Name+" "+second.name, calm.commits) {
					t.Run(fmt.Sprintf("%s at %d, %s", made.name, i, second.name), func(t *testing.T) {
						t.Parallel()
						points.Add(1)
						w := disturbed(t, f, calm, "", strike{made, i}, second)
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
