package journal_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"errand/engine/journal"
)

// together commits changes in one transaction and returns the error of each.
func together(t *testing.T, j *journal.SQLite, changes ...journal.Change) []error {
	t.Helper()
	release := j.HoldWriter()
	errs := make([]error, len(changes))
	var wg sync.WaitGroup
	for i, c := range changes {
		wg.Go(func() { errs[i] = j.Commit(t.Context(), c) })
		for j.Queued() <= i {
			runtime.Gosched()
		}
	}
	release()
	wg.Wait()
	return errs
}

func TestARefusedChangeDoesNotAffectItsGroup(t *testing.T) {
	j := open(t, t.TempDir())
	commit(t, j, begin("a"))
	sameRequest := begin("c")
	sameRequest.Create.Request = "100-b"
	errs := together(t, j, begin("b"), next("a", 1), next("a", 1), next("x", 0), sameRequest, next("a", 2), next("b", 1))
	got := fmt.Sprint(errs)
	want := fmt.Sprint([]error{nil, nil, journal.ErrMoved, journal.ErrNotFound, &journal.ExistsError{Run: "b"}, nil, nil})
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for id, entries := range map[string]int{"a": 3, "b": 2} {
		if r, stored, err := j.Load(t.Context(), id); err != nil || r.Next != entries || len(stored) != entries {
			t.Errorf("run %s has %d entries, %v", id, len(stored), err)
		}
	}
}

func TestAFailingChangeDoesNotAffectItsGroup(t *testing.T) {
	for _, how := range []string{"ABORT", "ROLLBACK", "FAIL"} {
		t.Run(how, func(t *testing.T) {
			home := t.TempDir()
			j := open(t, home)
			run(t, raw(t, home), `CREATE TRIGGER poison BEFORE INSERT ON entries WHEN NEW.data LIKE '%poison%' BEGIN SELECT RAISE(`+how+`, 'no'); END`)
			bad := begin("bad")
			bad.Entries = append(bad.Entries, journal.Entry{Kind: journal.Stopped, Process: "poison"})
			errs := together(t, j, begin("a"), bad, begin("b"), next("a", 1), next("a", 1))
			if e, ok := errors.AsType[*journal.StoreError](errs[1]); !ok || e.Locked || !strings.Contains(e.Error(), "no") {
				t.Errorf("the failing change: %v", errs[1])
			}
			errs[1] = nil
			if got, want := fmt.Sprint(errs), fmt.Sprint([]error{nil, nil, nil, nil, journal.ErrMoved}); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if _, _, err := j.Load(t.Context(), "bad"); !errors.Is(err, journal.ErrNotFound) {
				t.Errorf("the failing change was made in part: %v", err)
			}
			commit(t, j, next("a", 2), next("b", 1))
		})
	}
}
