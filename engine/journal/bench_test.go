package journal_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"errand/engine/access"
	"errand/engine/journal"
	"errand/engine/task"
)

// BenchmarkCommit commits runs of five effects, six changes each: with one caller, and with 50
// callers at once. In the same run it measures the floor: bare SQLite with the same pragmas, which
// inserts one row with the length of an entry in each transaction, or 50 of them.
func BenchmarkCommit(b *testing.B) {
	for _, c := range []struct {
		name    string
		callers int
	}{
		{"alone", 1},
		{"50 at once", 50},
	} {
		b.Run(c.name, func(b *testing.B) {
			j := open(b, b.TempDir())
			b.ResetTimer()
			var wg sync.WaitGroup
			for i := range c.callers {
				wg.Go(func() {
					var changes []journal.Change
					for n := i; n < b.N; n += c.callers {
						if len(changes) == 0 {
							changes = fiveEffects(n)
						}
						if err := j.Commit(context.Background(), changes[0]); err != nil {
							b.Error(err)
							return
						}
						changes = changes[1:]
					}
				})
			}
			wg.Wait()
			b.StopTimer()
			commits := float64(b.N) / b.Elapsed().Seconds()
			floor := float64(b.N) / insert(b, b.N, c.callers).Seconds()
			b.ReportMetric(commits, "commits/s")
			b.ReportMetric(floor, "floor/s")
			b.ReportMetric(commits/floor, "of-floor")
		})
	}
}

// BenchmarkAppend adds entries to the audit log, with a seal, as BenchmarkCommit commits.
func BenchmarkAppend(b *testing.B) {
	for name, callers := range map[string]int{"alone": 1, "50 at once": 50} {
		b.Run(name, func(b *testing.B) {
			log := open(b, b.TempDir()).Audit(testKey("key"))
			b.ResetTimer()
			var wg sync.WaitGroup
			for i := range callers {
				wg.Go(func() {
					for n := i; n < b.N; n += callers {
						if _, err := log.Append(context.Background(), access.Entry{At: start, Token: "front-desk", Action: "run.start", Run: "kq3vzt5mwxa2hd7c", Detail: strings.Repeat("x", 100)}); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.StopTimer()
			appends := float64(b.N) / b.Elapsed().Seconds()
			floor := float64(b.N) / insert(b, b.N, callers).Seconds()
			b.ReportMetric(appends, "appends/s")
			b.ReportMetric(floor, "floor/s")
			b.ReportMetric(appends/floor, "of-floor")
		})
	}
}

// fiveEffects returns the changes of a run with five effects: the reply of each call is committed
// with the intent of the next one, and the last reply with the run's result.
func fiveEffects(i int) []journal.Change {
	changes := parked(i)
	intent, replied := changes[0].Entries[0], changes[1].Entries[0]
	changes = changes[:1]
	for n := range 5 {
		c := journal.Change{Run: changes[0].Run, Next: 1 + 2*n, State: changes[0].State, Entries: []journal.Entry{replied, intent}}
		if n == 4 {
			c.Entries = c.Entries[:1]
			result := `{"steps":"` + strings.Repeat("a step that succeeded, ", 40) + `"}`
			c.State = journal.State{Status: "succeeded", Ended: start, Result: json.RawMessage(result)}
		}
		changes = append(changes, c)
	}
	return changes
}

// insert returns how long bare SQLite takes to insert rows, several in each transaction.
func insert(b *testing.B, rows, together int) time.Duration {
	b.Helper()
	name := "file:" + filepath.Join(b.TempDir(), "floor.db") + "?_pragma=journal_mode(wal)&_pragma=synchronous(full)"
	database, err := sql.Open("sqlite", name)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = database.Close() }()
	run(b, database, "CREATE TABLE rows (number INTEGER PRIMARY KEY, data TEXT NOT NULL)")
	ctx := context.Background()
	conn, err := database.Conn(ctx)
	if err != nil {
		b.Fatal(err)
	}
	var statements []*sql.Stmt
	for _, text := range []string{"BEGIN IMMEDIATE", "INSERT INTO rows (data) VALUES (?)", "COMMIT"} {
		s, err := conn.PrepareContext(ctx, text)
		if err != nil {
			b.Fatal(err)
		}
		statements = append(statements, s)
	}
	exec := func(s *sql.Stmt, args ...any) {
		if _, err := s.ExecContext(ctx, args...); err != nil {
			b.Fatal(err)
		}
	}
	encoded, err := json.Marshal(parked(0)[1].Entries[0])
	if err != nil {
		b.Fatal(err)
	}
	data := string(encoded)
	begun := time.Now()
	for done := 0; done < rows; done += together {
		exec(statements[0])
		for range min(together, rows-done) {
			exec(statements[1], data)
		}
		exec(statements[2])
	}
	return time.Since(begun)
}

// parked returns the changes of a run that has called a task and waits until it asks again.
func parked(i int) []journal.Change {
	id := fmt.Sprintf("kq3vabcd%08d", i)
	at := start.Add(time.Duration(i) * 7 * time.Millisecond)
	state := journal.State{Status: "waiting", Wake: at.Add(time.Duration(i*7919%100_000) * time.Second)}
	call := &task.Call{
		Run: id, Step: "start", Type: "ec2.start_instance", Credential: "aws-prod", Attempt: 1, Started: at, Now: at, Deadline: at.Add(time.Hour),
		Input: json.RawMessage(fmt.Sprintf(`{"instance_id":"i-%017d","region":"eu-central-1"}`, i)),
	}
	return []journal.Change{
		{
			Run: id, State: state, Entries: []journal.Entry{{Kind: journal.Intent, At: at, Step: "start", Call: call}},
			Create: &journal.Run{
				ID: id, Version: journal.Version, Workflow: "start-instance", Request: fmt.Sprintf("100-%08d", i), Started: at,
				Inputs: json.RawMessage(fmt.Sprintf(`{"asset":"AST-%06d","instance":"i-%017d","region":"eu-central-1"}`, i, i)),
				Source: []byte(strings.Repeat("# a definition of forty characters a line\n", 60)), File: "start-instance.yaml",
				Digest: strings.Repeat("0123456789abcdef", 4),
			},
		},
		{
			Run: id, Next: 1, State: state,
			Entries: []journal.Entry{{Kind: journal.Replied, At: at, Step: "start", Reply: &task.Reply{
				Again: &task.Again{After: 15 * time.Second, Note: `{"was":"stopped","token":"0123456789"}`},
			}}},
		},
	}
}

// BenchmarkParked opens a journal with many parked runs and finds the one that is due first.
func BenchmarkParked(b *testing.B) {
	for _, runs := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("%d runs", runs), func(b *testing.B) {
			home := b.TempDir()
			fill(b, home, runs)
			ctx := context.Background()
			for b.Loop() {
				j, err := journal.Open(ctx, home)
				if err != nil {
					b.Fatal(err)
				}
				if due, err := j.List(ctx, journal.Query{Due: start.AddDate(1, 0, 0), Limit: 1}); err != nil || len(due) != 1 {
					b.Fatal(due, err)
				}
				b.StopTimer()
				_ = j.Close()
				b.StartTimer()
			}
			file, err := os.Stat(filepath.Join(home, "journal.db"))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(file.Size())/float64(runs), "disk-B/run")
		})
	}
}

func fill(b *testing.B, home string, runs int) {
	b.Helper()
	j := open(b, home)
	const callers = 100
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() {
			for i := caller; i < runs; i += callers {
				for _, c := range parked(i) {
					if err := j.Commit(context.Background(), c); err != nil {
						b.Error(err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkLoad loads a run of ten entries.
func BenchmarkLoad(b *testing.B) {
	for name, j := range map[string]journal.Journal{"memory": journal.NewMemory(), "sqlite": open(b, b.TempDir())} {
		b.Run(name, func(b *testing.B) {
			changes := parked(0)
			commit(b, j, changes[0])
			for range 9 {
				commit(b, j, changes[1])
				changes[1].Next++
			}
			for b.Loop() {
				if _, entries, err := j.Load(context.Background(), changes[0].Run); err != nil || len(entries) != 10 {
					b.Fatal(len(entries), err)
				}
			}
		})
	}
}
