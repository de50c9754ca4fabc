package journal_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/journal/journaltest"
)

func TestSQLite(t *testing.T) {
	journaltest.Run(t, func(t *testing.T) journal.Journal { return open(t, t.TempDir()) })
}

// open opens the journal in a folder. It is closed when the test ends.
func open(t testing.TB, home string) *journal.SQLite {
	t.Helper()
	j, err := journal.Open(t.Context(), home)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

// raw opens the database of a journal without package journal.
func raw(t testing.TB, home string) *sql.DB {
	t.Helper()
	database, err := sql.Open("sqlite", filepath.Join(home, "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = database.Close() })
	return database
}

func run(t testing.TB, database *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := database.Exec(statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func commit(t testing.TB, j journal.Writer, changes ...journal.Change) {
	t.Helper()
	for _, c := range changes {
		if err := j.Commit(t.Context(), c); err != nil {
			t.Fatalf("commit of run %s: %v", c.Run, err)
		}
	}
}

// begin returns the change that creates a run, with one entry.
func begin(id string) journal.Change {
	return journal.Change{
		Run: id, State: journal.State{Status: "waiting", Wake: start}, Entries: []journal.Entry{{Kind: journal.Woke, At: start}},
		Create: &journal.Run{
			ID: id, Version: journal.Version, Workflow: "start-instance", Request: "100-" + id, Started: start,
			Inputs: []byte(`{"instance":"i-0abc"}`), Source: []byte("workflow: start-instance\n"), File: "start.yaml", Digest: "d1",
		},
	}
}

// next returns a change of a run that nobody holds and that has this number of entries. It appends
// one.
func next(id string, entries int) journal.Change {
	return journal.Change{
		Run: id, Next: entries, State: journal.State{Status: "waiting", Wake: start.Add(time.Duration(entries))},
		Entries: []journal.Entry{{Kind: journal.Woke, At: start.Add(time.Duration(entries))}},
	}
}

var start = time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC)

func TestReopeningKeepsEverything(t *testing.T) {
	for _, name := range []string{"plain", "a b", "50%20é?x=#y", "deep/er"} {
		t.Run(name, func(t *testing.T) {
			home := filepath.Join(t.TempDir(), name)
			j := open(t, home)
			commit(t, j, begin("one"), next("one", 1), begin("two"), next("one", 2))
			if err := j.Cancel(t.Context(), "two", journal.Message{Round: 1, At: time.Unix(1, 0)}); err != nil {
				t.Fatal(err)
			}
			was := everything(t, j)
			if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				j = open(t, home)
				if is := everything(t, j); !reflect.DeepEqual(is, was) {
					t.Errorf("was %+v\n is %+v", was, is)
				}
				if err := j.Close(); err != nil {
					t.Fatal(err)
				}
			}
			if log, err := os.Stat(filepath.Join(home, "journal.db-wal")); err != nil || log.Size() != 0 {
				t.Errorf("the log is not empty: %v, %v", log, err)
			}
		})
	}
}

// everything returns all runs of a journal.
func everything(t testing.TB, j journal.Reader) (all []any) {
	t.Helper()
	runs, err := j.List(t.Context(), journal.Query{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		loaded, entries, err := j.Load(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r, loaded, entries)
	}
	return all
}

// A test that kills a process cannot find out whether a commit waits for the disk; only a loss of
// power shows it. So this test reads the settings.
func TestACommitWaitsForTheDisk(t *testing.T) {
	j := open(t, t.TempDir())
	for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal"} {
		if got := j.Pragma(t, pragma); got != want {
			t.Errorf("%s is %s, expected %s", pragma, got, want)
		}
	}
}

func TestAFullDiskIsNamed(t *testing.T) {
	j := open(t, t.TempDir())
	commit(t, j, begin("a"))
	j.Pragma(t, "max_page_count = 1") // SQLite takes the present number instead
	large := next("a", 1)
	large.Entries[0].Comment = strings.Repeat("x", 100_000)
	err := j.Commit(t.Context(), large)
	if e, ok := errors.AsType[*journal.StoreError](err); !ok || e.Locked || !strings.Contains(e.Error(), "database or disk is full") {
		t.Errorf("the error is %v", err)
	}
	j.Pragma(t, "max_page_count = 1000000")
	commit(t, j, large)
}

func TestInABubble(t *testing.T) {
	home := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		j, err := journal.Open(t.Context(), home)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				time.Sleep(time.Hour)
				if err := j.Commit(t.Context(), begin(fmt.Sprint(i))); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if all := everything(t, j); len(all) != 3*20 {
			t.Errorf("there are %d runs", len(all)/3)
		}
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestTwoOnOneHome(t *testing.T) {
	home := t.TempDir()
	one, two := open(t, home), open(t, home)
	commit(t, one, begin("a"))
	commit(t, two, next("a", 1))
	if err := one.Commit(t.Context(), next("a", 1)); !errors.Is(err, journal.ErrMoved) {
		t.Errorf("a change of what the other has changed: %v", err)
	}
	commit(t, one, next("a", 2))
	if !reflect.DeepEqual(everything(t, one), everything(t, two)) {
		t.Errorf("one has %+v\ntwo has %+v", everything(t, one), everything(t, two))
	}

	session, err := one.Join("one")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if about, alive := two.Alive(session.ID()); !alive || about != "one" {
			t.Errorf("the other sees the session as %q, %t", about, alive)
		}
		if _, err := two.Join("two"); err != nil { // this removes the files of dead sessions
			t.Error(err)
		}
	}
	if err := one.Close(); err != nil {
		t.Error(err)
	}
	if _, alive := two.Alive(session.ID()); !alive {
		t.Error("the session ended with its journal")
	}
	if err := session.Close(); err != nil {
		t.Error(err)
	}
	if _, alive := two.Alive(session.ID()); alive {
		t.Error("the session is alive after it was closed")
	}
	if err := one.Commit(t.Context(), next("a", 3)); err == nil {
		t.Error("a closed journal commits")
	}
	commit(t, two, next("a", 3))
}

func TestManyJoinAtOnce(t *testing.T) {
	home := t.TempDir()
	var wg sync.WaitGroup
	for range 8 {
		j := open(t, home)
		wg.Go(func() {
			for range 25 {
				s, err := j.Join("one of many")
				if err != nil {
					t.Error(err)
					continue
				}
				if _, alive := j.Alive(s.ID()); !alive {
					t.Error("the file of a live session was removed")
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestWhatIsNoJournalIsRefused(t *testing.T) {
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "journal.db"), []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, home := range []string{home, filepath.Join(home, "journal.db")} {
		_, err := journal.Open(t.Context(), home)
		if e, ok := errors.AsType[*journal.StoreError](err); !ok || e.Locked {
			t.Errorf("the error is %v", err)
		}
	}
}

func TestOnlyTheOwnerReads(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no such modes")
	}
	home := filepath.Join(t.TempDir(), "errand", "home")
	j := open(t, home)
	commit(t, j, begin("a"))
	if _, err := j.Join("me"); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(home, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestADamagedRunDoesNotAffectOthers(t *testing.T) {
	for _, c := range []struct{ name, statement, reason string }{
		{"a gap", "DELETE FROM entries WHERE run = 1 AND seq = 1", "entry 1 of 3 is missing"},
		{"no beginning", "DELETE FROM entries WHERE run = 1 AND seq = 0", "entry 0 of 3 is missing"},
		{"no end", "DELETE FROM entries WHERE run = 1 AND seq = 2", "entry 2 of 3 is missing"},
		{"half an entry", "UPDATE entries SET data = substr(data, 1, 20) WHERE run = 1 AND seq = 1", "entry 1: unexpected end of JSON input"},
		{"another shape", `UPDATE entries SET data = '{"kind":7}' WHERE run = 1 AND seq = 1`,
			"entry 1: json: cannot unmarshal number into Go struct field Entry.kind of type journal.Kind"},
		{"another version", "UPDATE runs SET version = 9 WHERE number = 1", "it has version 9, and this program knows version 2"},
		{"no definition", "DELETE FROM definitions", "its definition is missing"},
		{"half a list of waits", `UPDATE runs SET waits = '[{"for":"time"' WHERE number = 1`, "its waits: unexpected end of JSON input"},
		{"requesters of another shape", `UPDATE runs SET requesters = '"amira"' WHERE number = 1`,
			"its requesters: json: cannot unmarshal string into Go value of type []string"},
	} {
		t.Run(c.name, func(t *testing.T) {
			home := t.TempDir()
			j := open(t, home)
			other := begin("b")
			other.State.Waits = []engine.Wait{{For: engine.WaitTime, Due: start}}
			commit(t, j, begin("a"), next("a", 1), next("a", 2), other)
			run(t, raw(t, home), "PRAGMA foreign_keys = off; "+c.statement)
			known, entries, err := j.Load(t.Context(), "a")
			if e, ok := errors.AsType[*journal.DamageError](err); !ok || *e != (journal.DamageError{Run: "a", Reason: c.reason}) {
				t.Errorf("the error is %v", err)
			}
			if known.ID != "a" || known.Workflow != "start-instance" || entries != nil {
				t.Errorf("got the run %+v and the entries %v", known, entries)
			}
			if runs, err := j.List(t.Context(), journal.Query{}); err != nil || len(runs) != 2 {
				t.Errorf("List returns %d runs, %v", len(runs), err)
			}
			if waiting, err := j.List(t.Context(), journal.Query{WaitsFor: engine.WaitTime}); err != nil || len(waiting) == 0 || waiting[0].ID != "b" {
				t.Errorf("List returns %+v as waiting, %v", waiting, err)
			}
			if c.name == "no definition" {
				return
			}
			if _, _, err := j.Load(t.Context(), "b"); err != nil {
				t.Errorf("the other run: %v", err)
			}
		})
	}
}

// A journal returns ErrGone after its folder was removed or replaced. SQLite itself would go on
// writing to a file that nobody can find.
func TestGone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open cannot be removed there")
	}
	for _, c := range []struct {
		name string
		away func(t *testing.T, home string)
	}{
		{"removed", func(t *testing.T, home string) {
			if err := os.RemoveAll(home); err != nil {
				t.Fatal(err)
			}
		}},
		{"another one in its place", func(t *testing.T, home string) {
			if err := os.Rename(home, home+" away"); err != nil {
				t.Fatal(err)
			}
			open(t, home)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			home := filepath.Join(t.TempDir(), "home")
			j := open(t, home)
			changes := parked(1)
			commit(t, j, changes[0])
			id := changes[0].Run
			c.away(t, home)
			for what, do := range map[string]func() error{
				"commit": func() error { return j.Commit(t.Context(), changes[1]) },
				"cancel": func() error { return j.Cancel(t.Context(), id, journal.Message{Round: 1, At: time.Unix(1, 0)}) },
				"load":   func() error { _, _, err := j.Load(t.Context(), id); return err },
				"list":   func() error { _, err := j.List(t.Context(), journal.Query{}); return err },
				"mark":   func() error { _, err := j.Mark(t.Context(), id); return err },

				"read definition": func() error { _, err := j.Definition(t.Context(), changes[0].Create.Digest); return err },
			} {
				err := do()
				if _, failed := errors.AsType[*journal.StoreError](err); !failed || !errors.Is(err, journal.ErrGone) {
					t.Errorf("%s: the error is %v", what, err)
				}
			}
		})
	}
}
