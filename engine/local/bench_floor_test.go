package local_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"errand/engine/journal"
)

// A counts is a journal that counts its commits. It also records how many new bytes each commit of
// the first run has.
type counts struct {
	journal.Journal
	commits atomic.Int64
	first   string // a run's id
	sizes   []int
}

func (c *counts) Commit(ctx context.Context, change journal.Change) error {
	c.commits.Add(1)
	if change.Run == c.first {
		size := len(change.State.Result)
		for _, e := range change.Entries {
			data, err := json.Marshal(e)
			if err != nil {
				return err
			}
			size += len(data)
		}
		if change.Create != nil {
			size += len(change.Create.Inputs) // the definition is stored with the first run only
		}
		c.sizes = append(c.sizes, size)
	}
	return c.Journal.Commit(ctx, change)
}

// A bare is SQLite through database/sql, with the pragmas of a journal. It measures the floor of
// the host.
type bare struct {
	database                     *sql.DB
	begin, add, end, run, events *sql.Stmt
}

// newBare returns a database for insert.
func newBare(b *testing.B) *bare {
	b.Helper()
	f := connectBare(b, filepath.Join(b.TempDir(), "floor.db"))
	if _, err := f.database.Exec("CREATE TABLE rows (number INTEGER PRIMARY KEY, data TEXT NOT NULL)"); err != nil {
		b.Fatal(err)
	}
	f.begin, f.add, f.end = f.prepare(b, "BEGIN IMMEDIATE"), f.prepare(b, "INSERT INTO rows (data) VALUES (?)"), f.prepare(b, "COMMIT")
	return f
}

// openBare opens the file of a journal for read.
func openBare(b *testing.B, home string) *bare {
	b.Helper()
	f := connectBare(b, filepath.Join(home, "journal.db"))
	f.run = f.prepare(b, "SELECT number, inputs, result FROM runs WHERE id = ?")
	f.events = f.prepare(b, "SELECT data FROM entries WHERE run = ? ORDER BY seq")
	return f
}

func connectBare(b *testing.B, file string) *bare {
	b.Helper()
	database, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = database.Close() })
	database.SetMaxOpenConns(1)
	return &bare{database: database}
}

func (f *bare) prepare(b *testing.B, text string) *sql.Stmt {
	b.Helper()
	s, err := f.database.Prepare(text)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// insert inserts one row of each size, in one transaction.
func (f *bare) insert(b *testing.B, sizes ...int) {
	exec := func(s *sql.Stmt, args ...any) {
		if _, err := s.Exec(args...); err != nil {
			b.Fatal(err)
		}
	}
	exec(f.begin)
	for _, size := range sizes {
		exec(f.add, filler[:size])
	}
	exec(f.end)
}

var filler = strings.Repeat("0123456789abcdef", 4096)

// read decodes a run's entries.
func (f *bare) read(b *testing.B, id string) (entries []journal.Entry) {
	var number int64
	var inputs, result []byte
	if err := f.run.QueryRow(id).Scan(&number, &inputs, &result); err != nil {
		b.Fatal(err)
	}
	rows, err := f.events.Query(number)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var data sql.RawBytes
		var e journal.Entry
		if err := rows.Scan(&data); err != nil {
			b.Fatal(err)
		}
		if err := json.Unmarshal(data, &e); err != nil {
			b.Fatal(err)
		}
		entries = append(entries, e)
	}
	return entries
}

// due opens a journal's file and finds the run that is due first.
func due(b *testing.B, home string, now time.Time) (id string) {
	f := connectBare(b, filepath.Join(home, "journal.db"))
	defer func() { _ = f.database.Close() }()
	if err := f.database.QueryRow("SELECT id FROM runs WHERE wake <= ? ORDER BY wake LIMIT 1", now.UnixNano()).Scan(&id); err != nil {
		b.Fatal(err)
	}
	return id
}
