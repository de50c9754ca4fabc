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
	"time"

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
		if all := everything(t, open(t, home)); len(all) != 3*8 {
			t.Errorf("there are %d runs", len(all)/3)
		}
	}
}

func TestANewerJournalIsNotTouched(t *testing.T) {
	home := t.TempDir()
	if err := open(t, home).Close(); err != nil {
		t.Fatal(err)
	}
	database := raw(t, home)
	run(t, database, "PRAGMA user_version = 3")
	if err := database.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(home, "journal.db")
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, err = journal.Open(t.Context(), home)
	want := journal.VersionError{File: file, Found: 3, Known: 2}
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
	for _, member := range []string{"runs started_by TEXT", "inbox taken INTEGER", "runs_concurrency"} {
		if !strings.Contains(got, member) {
			t.Errorf("there is no %s in\n%s", member, got)
		}
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

// An oldRun is a run in a database of version 1, and what becomes of it.
type oldRun struct {
	id             string
	version        int // 0 means 1
	status, reason string
	wake, ended    any    // seconds since 1970, nil for none
	holder         string // the session
	entries        []string

	upgraded []string // the entries afterwards; nil: they do not change
	waits    []engine.Wait
	damage   string // why Load cannot read the run
	stays    int    // the version that the run keeps; 0: it becomes 2
}

const (
	woke        = `{"kind":"woke","at":"2026-01-05T09:00:00Z","step":"wait"}`
	half        = `{"kind":"stopped","at":"2026-01-05T09:00`
	odd         = `{"kind":"decided","at":"2026-01-05T09:00:00Z","step":"ok","word":7,"by":{"name":"Kim"}}`
	stopped     = `{"kind":"stopped","at":"2026-01-05T09:00:00Z","by":"process 1"}`
	newStop     = `{"kind":"stopped","at":"2026-01-05T09:00:00Z","process":"process 1"}`
	sameStop    = `{"kind":"stopped","at":"2026-01-05T09:00:00Z"}`
	quarantined = "quarantined, since it cannot be replayed: "
)

func retried(keep, by string) string {
	return `{"kind":"retried","at":"2026-01-05T09:00:00Z","step":"close","by":` + by + keep + `}`
}

// oldRuns returns a run for each text that version 1 writes.
func oldRuns() []oldRun {
	runs := []oldRun{
		{id: "decision", status: "waiting", reason: "step ok waits for a decision", entries: []string{woke}, waits: []engine.Wait{{For: engine.WaitPerson, Step: "ok"}}},
		{
			id: "decision within", status: "waiting", reason: "step each[1].ok waits for a decision", wake: 1_800_000_000,
			waits: []engine.Wait{{For: engine.WaitPerson, Step: "each[1].ok"}},
		},
		{id: "uncertain", status: "uncertain", reason: "step restart is uncertain", waits: []engine.Wait{{For: engine.WaitPerson, Step: "restart"}}},
		{
			id: "stopped", status: "waiting", reason: "stopped by process 1", entries: []string{woke, stopped}, upgraded: []string{woke, newStop},
			waits: []engine.Wait{{For: engine.WaitProcess, Reason: "stopped by process 1"}},
		},
		{
			id: "quarantined", status: "waiting", reason: quarantined + "entry 1: no", entries: []string{stopped, half, stopped}, upgraded: []string{newStop, half, newStop},
			waits: []engine.Wait{{For: engine.WaitTrouble, Reason: "entry 1: no"}}, damage: "entry 1: unexpected end of JSON input",
		},
		{id: "parked", status: "waiting", wake: 1_800_000_000, entries: []string{woke}, waits: []engine.Wait{{For: engine.WaitTime, Due: time.Unix(1_800_000_000, 0).UTC()}}},
		{id: "held", status: "waiting", wake: 1_700_000_000, holder: "abcdefghijklmnop", entries: []string{stopped}, upgraded: []string{newStop}},
		{id: "ended", status: "succeeded", ended: 1_700_000_000, entries: []string{woke}},
		{id: "unknown", status: "waiting", reason: "the moon is full", waits: []engine.Wait{{For: engine.WaitProcess, Reason: "the moon is full"}}},
		{
			id: "retried", status: "failed", ended: 1_700_000_000,
			entries: []string{woke, stopped, woke, retried(`,"keep":2`, `"Kim"`), woke, retried(`,"keep":4`, `"Kim"`), stopped, retried(`,"keep":3,"digest":"d1"`, `"Ann"`)},
			upgraded: []string{
				woke, newStop, woke, retried(`,"keep":[{"first":1,"last":2}]`, `{"name":"Kim"}`), woke,
				retried(`,"keep":[{"first":1,"last":2},{"first":4,"last":5}]`, `{"name":"Kim"}`), newStop,
				retried(`,"keep":[{"first":1,"last":2},{"first":4,"last":4}],"digest":"d1"`, `{"name":"Ann"}`),
			},
		},
		{
			id: "odd", status: "waiting", entries: []string{stopped, odd}, stays: 1,
			damage: "it has version 1, and this program knows version 2",
		},
		{
			id: "newer", version: 9, status: "waiting", entries: []string{sameStop, stopped}, stays: 9,
			damage: "it has version 9, and this program knows version 2",
		},
	}
	texts := oldRun{id: "texts", status: "failed", ended: 1_700_000_000}
	for _, text := range oldTexts {
		texts.entries = append(texts.entries, "{"+text.old+"}")
		texts.upgraded = append(texts.upgraded, "{"+text.upgraded+"}")
	}
	return append(runs, texts)
}

// version1 writes a journal of version 1 into a folder, as the program of that time did.
func version1(t *testing.T, home string, runs []oldRun) {
	t.Helper()
	database := raw(t, home)
	run(t, database, "PRAGMA journal_mode = wal")
	run(t, database, journal.Version1)
	run(t, database, "PRAGMA user_version = 1")
	run(t, database, "INSERT INTO definitions (number, digest, source) VALUES (1, 'd1', x'61')")
	for i, r := range runs {
		run(t, database, `INSERT INTO runs (number, id, version, workflow, request, requester, inputs, started, definition, file, status, wake, ended, result,
			reason, next, holder, cancel) VALUES (?, ?, ?, 'start', ?, 'amira', '{}', 1700000000000000000, 1, 'start.yaml', ?, ? * 1000000000, ? * 1000000000, NULL, ?, ?, ?, 0)`,
			i+1, r.id, max(r.version, 1), "100-"+r.id, r.status, r.wake, r.ended, r.reason, len(r.entries), r.holder)
		for seq, text := range r.entries {
			run(t, database, "INSERT INTO entries (run, seq, data) VALUES (?, ?, ?)", i+1, seq, text)
		}
	}
	if err := database.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAJournalOfVersion1IsMigrated(t *testing.T) {
	home := t.TempDir()
	version1(t, home, oldRuns())
	for range 2 { // the second time it has version 2 already
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
	if err := raw(t, home).QueryRow("PRAGMA user_version").Scan(&version); err != nil || version != 2 {
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

// after returns the entries after the migration.
func (c oldRun) after() []string {
	if c.upgraded == nil {
		return c.entries
	}
	return c.upgraded
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
