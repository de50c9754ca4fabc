package journal_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"errand/engine"
	"errand/engine/journal"
)

func TestManyOpenANewHomeAtOnce(t *testing.T) {
	for range 5 {
		home := filepath.Join(t.TempDir(), "home")
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				j, err := journal.Open(t.Context(), home)
				if err != nil {
					t.Error(err)
					return
				}
				if err := j.Commit(t.Context(), begin(fmt.Sprint(i))); err != nil {
					t.Error(err)
				}
				if err := j.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		j := open(t, home)
		if all := everything(t, j); len(all) != 3*8 {
			t.Errorf("there are %d runs", len(all)/3)
		}
		if is := standing(t, j); is != journal.Original {
			t.Errorf("it is %q", is)
		}
	}
}

func TestANewerJournalIsNotTouched(t *testing.T) {
	home := t.TempDir()
	if err := open(t, home).Close(); err != nil {
		t.Fatal(err)
	}
	database := raw(t, home)
	run(t, database, fmt.Sprint("PRAGMA user_version = ", journal.LatestVersion+1))
	if err := database.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(home, "journal.db")
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, err = journal.Open(t.Context(), home)
	want := journal.VersionError{File: file, Found: journal.LatestVersion + 1, Known: journal.LatestVersion}
	if e, ok := errors.AsType[*journal.VersionError](err); !ok || *e != want {
		t.Errorf("the error is %v, expected %v", err, &want)
	}
	after, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was changed; %v", err)
	}
}

// The schema of version 1 is in databases of users, so it must never change.
func TestVersion1IsNotEdited(t *testing.T) {
	sum := sha256.Sum256([]byte(journal.Version1))
	if got := hex.EncodeToString(sum[:]); got != "0a5f2fefe9e5f3786c80f9f72514b621df5f4f2bee97d7133ec6397e42bd2ad0" {
		t.Errorf("schema.sql was edited: its digest is %s", got)
	}
}

// A new journal and a migrated one have the same tables and indexes.
func TestANewJournalEqualsAMigratedOne(t *testing.T) {
	fresh, migrated := t.TempDir(), t.TempDir()
	version1(t, migrated, nil)
	got, want := tables(t, fresh), tables(t, migrated)
	if got != want {
		t.Errorf("a new journal has\n%s\na migrated one has\n%s", got, want)
	}
	for _, member := range []string{"runs started_by TEXT", "runs url TEXT", "inbox data TEXT", "runs_concurrency"} {
		if !strings.Contains(got, member) {
			t.Errorf("there is no %s in\n%s", member, got)
		}
	}
}

// A journal of each older version gets the tables of this program, and keeps what it has.
func TestAJournalOfEveryVersionIsMigrated(t *testing.T) {
	want := tables(t, t.TempDir())
	for version := 1; version < journal.LatestVersion; version++ {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			home := t.TempDir()
			database := raw(t, home)
			journal.WriteVersion(t, database, version)
			run(t, database, "INSERT INTO definitions (number, digest, source) VALUES (1, 'd1', x'61')")
			if err := database.Close(); err != nil {
				t.Fatal(err)
			}
			if got := tables(t, home); got != want {
				t.Errorf("it has\n%s\na new journal has\n%s", got, want)
			}
			j := open(t, home)
			if source, err := j.Definition(t.Context(), "d1"); err != nil || string(source) != "a" {
				t.Errorf("its definition is %q, %v", source, err)
			}
			commit(t, j, begin("new"))
			if err := j.Check(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// tables describes the tables and indexes of a journal, which it opens.
func tables(t *testing.T, home string) string {
	t.Helper()
	open(t, home)
	rows, err := raw(t, home).Query(`
		SELECT m.name || ' ' || c.name || ' ' || c.type || ' ' || c."notnull" || ' ' || coalesce(c.dflt_value, '') || ' ' || c.pk || ' ' || l.strict
			FROM sqlite_schema m JOIN pragma_table_xinfo(m.name) c JOIN pragma_table_list(m.name) l WHERE m.type = 'table'
		UNION SELECT m.name || ' refers to ' || f."table" || ' with ' || f."from" FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'
		UNION SELECT coalesce(sql, name) FROM sqlite_schema WHERE type <> 'table'
		ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var b strings.Builder
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		b.WriteString(line + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAJournalOfVersion1IsMigrated(t *testing.T) {
	home := t.TempDir()
	version1(t, home, oldRuns())
	for range 2 { // the second time it has the present version already
		j := open(t, home)
		for _, c := range oldRuns() {
			t.Run(c.id, func(t *testing.T) { isMigrated(t, j, c) })
		}
		if err := j.Check(t.Context()); err != nil {
			t.Error(err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var version int
	if err := raw(t, home).QueryRow("PRAGMA user_version").Scan(&version); err != nil || version != journal.LatestVersion {
		t.Errorf("the database has version %d, %v", version, err)
	}
	for i, c := range oldRuns() {
		for seq, want := range c.after() {
			var got string
			if err := raw(t, home).QueryRow("SELECT data FROM entries WHERE run = ? AND seq = ?", i+1, seq).Scan(&got); err != nil || got != want {
				t.Errorf("run %s, entry %d is %s, %v\nexpected %s", c.id, seq, got, err, want)
			}
		}
	}
	j := open(t, home)
	commit(t, j, begin("new"), next("parked", 1), next("new", 1))
}

func isMigrated(t *testing.T, j journal.Journal, c oldRun) {
	r, entries, err := j.Load(t.Context(), c.id)
	if c.damage != "" {
		if e, ok := errors.AsType[*journal.DamageError](err); !ok || *e != (journal.DamageError{Run: c.id, Reason: c.damage}) {
			t.Errorf("the error is %v, expected %s", err, c.damage)
		}
	} else if want := decoded(t, c.after()...); err != nil || !reflect.DeepEqual(entries, want) {
		t.Errorf("the entries are %+v, %v\nexpected %+v", entries, err, want)
	}
	if !reflect.DeepEqual(r.Waits, c.waits) {
		t.Errorf("it waits for %+v, expected %+v", r.Waits, c.waits)
	}
	got := []any{r.StartedBy, r.Requesters == nil, r.Status, r.Version, r.Holder, r.Next, r.Request, r.Digest, string(r.Source)}
	want := []any{"amira", true, engine.Status(c.status), 2, c.holder, len(c.entries), "100-" + c.id, "d1", "a"}
	if c.stays != 0 {
		want[3] = c.stays
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the run has %v, expected %v", got, want)
	}
}

// playRead opens a journal and prints all of its runs on one line.
func playRead(home string) error {
	j, err := journal.Open(context.Background(), home)
	if err != nil {
		return err
	}
	all, err := contents(j)
	if err != nil {
		return err
	}
	fmt.Println(all)
	_, err = io.ReadAll(os.Stdin)
	return errors.Join(err, j.Close())
}

// contents returns all that can be read of the runs in a journal, as one line.
func contents(j journal.Reader) (string, error) {
	runs, err := j.List(context.Background(), journal.Query{})
	if err != nil {
		return "", err
	}
	var all []any
	for _, r := range runs {
		loaded, entries, err := j.Load(context.Background(), r.ID)
		all = append(all, loaded, entries, fmt.Sprint(err))
	}
	data, err := json.Marshal(all)
	return string(data), err
}

func TestManyMigrateAtOnce(t *testing.T) {
	alone := t.TempDir()
	version1(t, alone, oldRuns())
	want, err := contents(open(t, alone))
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	version1(t, home, oldRuns())
	var others []*child
	for range 3 {
		others = append(others, playing(t, "read", home))
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			j, err := journal.Open(t.Context(), home)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = j.Close() }()
			if got, err := contents(j); err != nil || got != want {
				t.Errorf("got  %s, %v\nwant %s", got, err, want)
			}
		})
	}
	wg.Wait()
	for _, other := range others {
		if got := other.line(); got != want {
			t.Errorf("another process got %s\nwant %s", got, want)
		}
	}
}

// A migration that fails leaves the file of version 1 as it was, and a later one succeeds.
func TestAFailedMigrationChangesNothing(t *testing.T) {
	for _, c := range []struct{ name, poison, cure, reason string }{
		{"in the last statement", "CREATE TABLE home (a)", "DROP TABLE home", "table home already exists"},
		{
			"at the entries", "CREATE TRIGGER poison BEFORE UPDATE ON entries WHEN OLD.run = 10 BEGIN SELECT RAISE(ABORT, 'poison'); END",
			"DROP TRIGGER poison", "poison",
		},
		{
			"at the reasons", "CREATE TRIGGER poison BEFORE UPDATE ON runs WHEN OLD.id = 'parked' AND OLD.version = 2 BEGIN SELECT RAISE(ROLLBACK, 'poison'); END",
			"DROP TRIGGER poison", "poison",
		},
		{"after the reasons", "CREATE VIEW reasons AS SELECT reason FROM runs", "DROP VIEW reasons", "no such column: reason"},
	} {
		t.Run(c.name, func(t *testing.T) {
			home := t.TempDir()
			version1(t, home, oldRuns())
			database := raw(t, home)
			run(t, database, c.poison)
			if err := database.Close(); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(home, "journal.db")
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = journal.Open(t.Context(), home)
			if e, ok := errors.AsType[*journal.StoreError](err); !ok || !strings.Contains(e.Error(), c.reason) {
				t.Errorf("the error is %v", err)
			}
			after, err := os.ReadFile(file)
			if err != nil || !bytes.Equal(before, after) {
				t.Errorf("the file was changed; %v", err)
			}
			run(t, raw(t, home), c.cure)
			j := open(t, home)
			for _, r := range oldRuns() {
				isMigrated(t, j, r)
			}
		})
	}
}

// A file that is a database, but not a journal, is named as such and stays as it is.
func TestAForeignDatabaseIsNotTouched(t *testing.T) {
	for _, c := range []struct {
		name   string
		setup  []string
		reason string
	}{
		{"tables of another program", []string{"CREATE TABLE notes (text TEXT)"}, "it is a database of another program (user_version 0)"},
		{"another program's version 1", []string{"CREATE TABLE notes (text TEXT)", "PRAGMA user_version = 1"}, "it is a database of another program (user_version 1)"},
		{"a version that nobody wrote", []string{"PRAGMA user_version = -1"}, "it is a database of another program (user_version -1)"},
		{"a high version without our mark", []string{"CREATE TABLE notes (text TEXT)", "PRAGMA user_version = 7"}, "it is a database of another program (user_version 7)"},
		{"another program's mark", []string{"CREATE TABLE runs (id TEXT)", "PRAGMA application_id = 7"}, "it is a database of another program (application_id 7)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			home := t.TempDir()
			database := raw(t, home)
			for _, statement := range c.setup {
				run(t, database, statement)
			}
			if err := database.Close(); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(home, "journal.db")
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = journal.Open(t.Context(), home)
			want := journal.ForeignError{File: file, Reason: c.reason}
			if e, ok := errors.AsType[*journal.ForeignError](err); !ok || *e != want {
				t.Errorf("the error is %v, expected %v", err, &want)
			}
			if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the file was changed; %v", err)
			}
		})
	}
}

// Processes that open a new journal at the same time never take each other's half-made file for a
// foreign one.
func TestANewJournalIsOpenedByManyAtOnce(t *testing.T) {
	for range 20 {
		home := t.TempDir()
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				j, err := journal.Open(t.Context(), home)
				if err != nil {
					t.Error(err)
					return
				}
				if err := j.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	}
}
