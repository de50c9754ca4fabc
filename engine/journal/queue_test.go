package journal_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"errand/engine/journal"
)

// A queue is searched, never scanned: what a round of a process costs must not grow with the number
// of runs that wait.
func TestAQueueIsSearched(t *testing.T) {
	home := t.TempDir()
	_ = open(t, home)
	for _, query := range journal.QueueQueries {
		args := []any{1, 1}[:strings.Count(query, "?")]
		rows, err := raw(t, home).Query("EXPLAIN QUERY PLAN "+query, args...)
		if err != nil {
			t.Fatal(err)
		}
		searched := false
		for rows.Next() {
			var id, parent, unused int
			var step string
			if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
				t.Fatal(err)
			}
			searched = searched || strings.Contains(step, "runs_due") || strings.Contains(step, "runs_held")
			// The index of the held runs has few: each process holds some.
			if strings.HasPrefix(step, "SCAN r") && !strings.Contains(step, "runs_held") {
				t.Errorf("%s\n%s", step, query)
			}
		}
		if err := rows.Close(); err != nil || !searched {
			t.Errorf("no index of the queue is used (%v): %s", err, query)
		}
	}
}

// BenchmarkQueue finds the next 50 runs of each workflow in a journal where 10,000 runs of one
// workflow are due, and one run of each of nine others. The first way is the one by which runs were
// found before: the earliest 200 of all, among which the runs of the other workflows are not. The
// floor is bare SQLite, which reads the ids of as many runs from the index.
func BenchmarkQueue(b *testing.B) {
	home := b.TempDir()
	j := open(b, home)
	fillQueue(b, j, 10_000)
	now := start.AddDate(1, 0, 0)
	b.Run("the earliest of all", func(b *testing.B) {
		for b.Loop() {
			if runs, err := j.List(b.Context(), journal.Query{Due: now, Limit: 200}); err != nil || len(runs) != 200 {
				b.Fatal(len(runs), err)
			}
		}
	})
	b.Run("the first of each workflow", func(b *testing.B) {
		for b.Loop() {
			if runs, err := j.Due(b.Context(), now, 50); err != nil || len(runs) != 59 {
				b.Fatal(len(runs), err)
			}
		}
	})
	b.Run("held", func(b *testing.B) {
		for b.Loop() {
			if runs, err := j.Held(b.Context(), now); err != nil || len(runs) != 0 {
				b.Fatal(len(runs), err)
			}
		}
	})
	b.Run("how many wait", func(b *testing.B) {
		for b.Loop() {
			if n, err := j.Waiting(b.Context(), now); err != nil || n != 10_009 {
				b.Fatal(n, err)
			}
		}
	})
	b.Run("floor", func(b *testing.B) {
		database := raw(b, home)
		for b.Loop() {
			read(b, database, `SELECT id FROM runs WHERE workflow = ? AND wake <= ? AND holder = '' ORDER BY wake LIMIT 50`, "start-instance", now.UnixNano())
		}
	})
}

func read(b *testing.B, database *sql.DB, query string, args ...any) {
	b.Helper()
	rows, err := database.Query(query, args...)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			b.Fatal(err)
		}
	}
}

// fillQueue adds due runs of one workflow, and then one run of each of nine others.
func fillQueue(b *testing.B, j *journal.SQLite, runs int) {
	b.Helper()
	const callers = 100
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() {
			for i := caller; i < runs+9; i += callers {
				c := parked(i)[0]
				if i >= runs {
					c.Create.Workflow = fmt.Sprintf("stop-instance-%d", i-runs)
				}
				c.State.Wake = start.Add(time.Duration(i) * time.Millisecond)
				if err := j.Commit(context.Background(), c); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}
