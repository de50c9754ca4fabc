package journal_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// standing returns what a journal says of itself.
func standing(t *testing.T, j journal.Origin) journal.Standing {
	t.Helper()
	s, _, err := j.Standing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// work opens a home, begins a run in it and closes the home.
func work(t *testing.T, home, id string) {
	t.Helper()
	j := open(t, home)
	commit(t, j, begin(id))
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

// copyFiles copies files of a folder into another one.
func copyFiles(t *testing.T, from, to string, names ...string) {
	t.Helper()
	if err := os.MkdirAll(to, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, name), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// change changes the database of a home that nobody has open.
func change(t *testing.T, home, statement string, args ...any) {
	t.Helper()
	database := raw(t, home)
	run(t, database, statement, args...)
	if err := database.Close(); err != nil {
		t.Fatal(err)
	}
}

// vacuum copies the database of a home into a folder.
func vacuum(t *testing.T, home, to string) {
	t.Helper()
	change(t, home, "VACUUM INTO ?", filepath.Join(to, "journal.db"))
}

func remove(t *testing.T, files ...string) {
	t.Helper()
	for _, f := range files {
		if err := os.RemoveAll(f); err != nil {
			t.Fatal(err)
		}
	}
}

// copies are ways in which a home becomes a copy, or gets an older database. Each gets a home with
// one open run, which nobody has open, and returns the folder of the copy.
var copies = []struct {
	name  string
	make  func(t *testing.T, home string) string
	birth bool // it can be told only by the time at which home.id was created
}{
	{"the folder copied", func(t *testing.T, home string) string {
		to := filepath.Join(t.TempDir(), "copy")
		copyFiles(t, home, to, "journal.db", "home.id")
		return to
	}, true},
	{"the folder copied while it was open", func(t *testing.T, home string) string {
		commit(t, open(t, home), begin("b"))
		to := filepath.Join(t.TempDir(), "copy")
		copyFiles(t, home, to, "journal.db", "journal.db-wal", "home.id")
		return to
	}, true},
	{"VACUUM INTO", func(t *testing.T, home string) string {
		to := t.TempDir()
		vacuum(t, home, to)
		return to
	}, false},
	{"the older database put back", func(t *testing.T, home string) string {
		before := t.TempDir()
		copyFiles(t, home, before, "journal.db")
		work(t, home, "later")
		copyFiles(t, before, home, "journal.db")
		return home
	}, false},
	{"the older database put back a commit later, in the same second", func(t *testing.T, home string) string {
		before, j := t.TempDir(), open(t, home)
		commit(t, j, begin("x"))
		vacuum(t, home, before)
		commit(t, j, begin("y"))
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		copyFiles(t, before, home, "journal.db")
		return home
	}, false},
	{"the older files put back", func(t *testing.T, home string) string {
		before := t.TempDir()
		copyFiles(t, home, before, "journal.db", "home.id")
		work(t, home, "later")
		remove(t, home)
		copyFiles(t, before, home, "journal.db", "home.id")
		return home
	}, true},
	{"a database from before home.id was put back", func(t *testing.T, home string) string {
		change(t, home, "DELETE FROM home")
		return home
	}, false},
	{"home.id was removed", func(t *testing.T, home string) string {
		remove(t, filepath.Join(home, "home.id"))
		return home
	}, false},
	{"home.id was emptied", func(t *testing.T, home string) string {
		if err := os.Truncate(filepath.Join(home, "home.id"), 0); err != nil {
			t.Fatal(err)
		}
		return home
	}, false},
	{"home.id of another home", func(t *testing.T, home string) string {
		other := t.TempDir()
		work(t, other, "other")
		copyFiles(t, other, home, "home.id")
		return home
	}, false},
	{"the log lost", func(t *testing.T, home string) string {
		before, j := t.TempDir(), open(t, home)
		commit(t, j, begin("in the log"))
		copyFiles(t, home, before, "journal.db")
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		copyFiles(t, before, home, "journal.db")
		return home
	}, false},
}

func TestACopyIsNoticed(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open cannot be removed there")
	}
	for _, c := range copies {
		t.Run(c.name, func(t *testing.T) {
			home := filepath.Join(t.TempDir(), "home")
			work(t, home, "a")
			if j := open(t, home); c.birth && !j.NoticesCopies() {
				t.Skip("the system does not know when a file was created")
			} else if err := j.Close(); err != nil {
				t.Fatal(err)
			}
			to := c.make(t, home)
			for round := range 2 { // it stays one
				j := open(t, to)
				if is := standing(t, j); is != journal.Copied {
					t.Fatalf("opened %d times it is %q", round+1, is)
				}
				isIsolated(t, j, "a")
				if err := j.Close(); err != nil {
					t.Fatal(err)
				}
			}
			copyOfACopyIsNoticed(t, to)
		})
	}
}

// isIsolated checks that an open run waits for adoption, whatever persons decide.
func isIsolated(t *testing.T, j journal.Journal, id string) {
	t.Helper()
	if err := j.Cancel(t.Context(), id, journal.Message{At: start}); err != nil {
		t.Fatal(err)
	}
	err := j.Put(t.Context(), id, journal.Message{Step: "s", Round: 1, At: start, Verdict: engine.VerdictDone})
	if _, twice := errors.AsType[*journal.AnsweredError](err); err != nil && !twice {
		t.Fatal(err)
	}
	r, _, err := j.Load(t.Context(), id)
	if err != nil || !r.Isolated() || !r.Wake.IsZero() || r.Holder != "" || !r.Ended.IsZero() || r.Waits[0].Reason == "" {
		t.Errorf("the run is %+v, %v; expected one that waits for adoption", r, err)
	}
	due, err := j.List(t.Context(), journal.Query{Due: time.Now().AddDate(100, 0, 0)})
	if err != nil || slices.ContainsFunc(due, func(r journal.Run) bool { return r.ID == id }) {
		t.Errorf("due are %v, %v", due, err)
	}
}

func copyOfACopyIsNoticed(t *testing.T, home string) {
	t.Helper()
	j := open(t, home)
	if err := j.Adopt(t.Context()); err != nil {
		t.Fatal(err)
	}
	if is := standing(t, j); is != journal.Adopted {
		t.Fatalf("adopted it is %q", is)
	}
	commit(t, j, begin("new"))
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if is := standing(t, open(t, home)); is != journal.Adopted {
		t.Errorf("adopted and opened again it is %q", is)
	}
	to := t.TempDir()
	vacuum(t, home, to)
	again := open(t, to)
	if is := standing(t, again); is != journal.Copied {
		t.Errorf("a copy of it is %q", is)
	}
	isIsolated(t, again, "new")
}

// A process that still has a lost database open may write its generation after the copy was
// settled.
func TestALateWriterRaisesNoAlarm(t *testing.T) {
	home := t.TempDir()
	work(t, home, "a")
	j := open(t, home)
	if err := errors.Join(j.Isolate(t.Context(), "a test"), j.Adopt(t.Context()), j.Close()); err != nil {
		t.Fatal(err)
	}
	late := fmt.Sprintf("%020d\n", 50) // after as many commits to the lost database
	f, err := os.OpenFile(filepath.Join(home, "home.id"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err == nil {
		_, err = f.WriteAt([]byte(late), info.Size()-int64(len(late)))
	}
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	if is := standing(t, open(t, home)); is != journal.Adopted {
		t.Errorf("it is %q", is)
	}
}

// What happens to a home that is no copy, and what a crash or a loss of power leaves, raises no
// alarm.
func TestNoFalseAlarm(t *testing.T) {
	rewriteID := func(t *testing.T, home string, change func(text string) string) {
		t.Helper()
		file := filepath.Join(home, "home.id")
		text, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(file, []byte(change(string(text))), 0)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	generation := func(n int) func(string) string {
		return func(text string) string {
			lines := strings.Split(text, "\n")
			lines[4] = fmt.Sprintf("%020d", n)
			return strings.Join(lines, "\n")
		}
	}
	for _, c := range []struct {
		name string
		do   func(t *testing.T, home string) string
	}{
		{"renamed", func(t *testing.T, home string) string {
			if err := os.Rename(home, home+" away"); err != nil {
				t.Fatal(err)
			}
			return home + " away"
		}},
		{"its mode and times changed", func(t *testing.T, home string) string {
			file := filepath.Join(home, "home.id")
			if err := errors.Join(os.Chmod(file, 0o640), os.Chtimes(file, start, start)); err != nil {
				t.Fatal(err)
			}
			return home
		}},
		{"a home of an older program", func(t *testing.T, home string) string {
			change(t, home, "DELETE FROM home")
			remove(t, filepath.Join(home, "home.id"))
			return home
		}},
		{"a crash before the first id was committed", func(t *testing.T, home string) string {
			change(t, home, "DELETE FROM home")
			rewriteID(t, home, generation(0))
			return home
		}},
		{"the same, and the file is not on the disk", func(t *testing.T, home string) string {
			change(t, home, "DELETE FROM home")
			rewriteID(t, home, func(string) string { return "" })
			return home
		}},
		{"a crash between the commit and the file", func(t *testing.T, home string) string {
			change(t, home, "UPDATE home SET generation = generation + 1")
			return home
		}},
		{"a loss of power that the file did not survive", func(t *testing.T, home string) string {
			rewriteID(t, home, generation(0))
			return home
		}},
		{"the sessions removed", func(t *testing.T, home string) string {
			remove(t, filepath.Join(home, "sessions"))
			return home
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			home := filepath.Join(t.TempDir(), "home")
			work(t, home, "a")
			home = c.do(t, home)
			for range 3 {
				j := open(t, home)
				if is := standing(t, j); is != journal.Original {
					t.Fatalf("it is %q", is)
				}
				commit(t, j, begin(fmt.Sprint(time.Now().UnixNano())))
				if err := j.Close(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// A person may put a home under suspicion. A run whose process is alive goes on.
func TestIsolate(t *testing.T) {
	home := t.TempDir()
	j, other := open(t, home), open(t, home)
	s, err := other.Join("at work")
	if err != nil {
		t.Fatal(err)
	}
	held := begin("held")
	held.Holder = s.ID()
	ended := begin("ended")
	ended.State = journal.State{Status: engine.Succeeded, Ended: start}
	commit(t, j, begin("open"), ended, held)
	if err := j.Isolate(t.Context(), "the disk was rolled back"); err != nil {
		t.Fatal(err)
	}
	isIsolated(t, j, "open")
	for id, holder := range map[string]string{"held": s.ID(), "ended": ""} {
		if r, _, err := j.Load(t.Context(), id); err != nil || r.Isolated() || r.Holder != holder {
			t.Errorf("run %s is %+v, %v", id, r, err)
		}
	}
	if is := standing(t, other); is != journal.Copied {
		t.Errorf("for the other process it is %q", is)
	}
	onward := journal.Change{Run: "held", Next: 1, From: s.ID(), Holder: s.ID(), State: held.State}
	commit(t, other, onward)
}
