package local_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/journal"
	"errand/engine/local"
)

// oneWait calls a task that answers "again" after weeks.
const oneWait = `
workflow: five
inputs:
  who: {type: string}
steps:
  - {id: a, task: stub.evident, with: {text: "${{ inputs.who }}", script: "again 500h, ok"}}
`

// oneCall calls a task that calls the function of hosttest.Registry, because its script is
// "cancel".
const oneCall = `
workflow: five
inputs:
  who: {type: string}
steps:
  - {id: a, task: stub.evident, with: {text: "${{ inputs.who }}", script: cancel}}
`

// BenchmarkParkedRuns fills a journal on disk with runs that have called a task and wait: 2,000 of
// them, or as many as ERRAND_BENCH_PARKED says. For each run it reports the bytes of the heap while
// Work goes on, and the bytes on disk after the journal is closed. It measures the time that a new
// process takes from opening the journal until Work calls the task of the only run that is due. The
// floor opens the same file with bare SQLite and finds that run.
func BenchmarkParkedRuns(b *testing.B) {
	runs := 2000
	if n, err := strconv.Atoi(os.Getenv("ERRAND_BENCH_PARKED")); err == nil {
		runs = n
	}
	home := b.TempDir()
	begun := time.Now()
	heap := park(b, home, runs)
	filled := time.Since(begun)
	disk := int64(0)
	for _, name := range []string{"journal.db", "journal.db-wal"} {
		if info, err := os.Stat(filepath.Join(home, name)); err == nil {
			disk += info.Size()
		}
	}
	var readies, floors []time.Duration
	for i := 0; b.Loop(); i++ {
		floor, ready := startAgain(b, home, runs+i)
		readies, floors = append(readies, ready), append(floors, floor)
	}
	ready, floor := percentile(readies, 50), percentile(floors, 50)
	b.ReportMetric(float64(ready.Nanoseconds()), "ns/op")
	b.ReportMetric(milliseconds(ready), "ready-ms")
	b.ReportMetric(milliseconds(floor), "floor-ms")
	b.ReportMetric(float64(ready)/float64(floor), "ratio")
	b.ReportMetric(float64(heap)/float64(runs), "heap-B/run")
	b.ReportMetric(float64(disk)/float64(runs), "disk-B/run")
	b.ReportMetric(float64(runs)/filled.Seconds(), "parked/s")
}

// park accepts runs and lets Work carry them on until they wait. It returns by how much the heap
// grew meanwhile, with Work still going on.
func park(b *testing.B, home string, runs int) (grown int64) {
	d := newDurable(b, home, oneWait)
	ctx, stop := context.WithCancel(b.Context())
	var group sync.WaitGroup
	group.Go(func() {
		watch := func(engine.Event) {} // with a watch, Work keeps the place of the last event of each run
		if err := d.Work(ctx, false, watch); err != nil {
			b.Error(err)
		}
	})
	accept(b, d, 0, 1)
	untilParked(b, d)
	before := heap()
	accept(b, d, 1, runs)
	untilParked(b, d)
	grown = heap() - before
	stop()
	group.Wait()
	d.close(b)
	return grown
}

// accept accepts runs, with 50 callers.
func accept(b *testing.B, d *durable, from, to int) {
	const callers = 50
	var group sync.WaitGroup
	for caller := range callers {
		group.Go(func() {
			for i := from + caller; i < to; i += callers {
				if _, err := d.Accept(context.Background(), d.order(i)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
}

// untilParked returns when no run is due within an hour.
func untilParked(b *testing.B, d *durable) {
	for {
		due, err := d.Journal.List(b.Context(), journal.Query{Due: time.Now().Add(time.Hour), Limit: 1})
		if err != nil {
			b.Fatal(err)
		}
		if len(due) == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// heap returns how many bytes are in use.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // the second collection frees what the first one finalized
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// startAgain accepts one more run, which is due at once, and leaves the lock file of a killed
// process behind. Then it measures the floor and the next process.
func startAgain(b *testing.B, home string, run int) (floor, ready time.Duration) {
	before := newDurable(b, home, oneCall)
	accept(b, before, run, run+1)
	before.close(b)
	want := before.order(run).Run
	killed := filepath.Join(home, "sessions", fmt.Sprintf("killed%c%c.lock", 'a'+run/26%26, 'a'+run%26))
	if err := os.WriteFile(killed, []byte("a process that was killed"), 0o600); err != nil {
		b.Fatal(err)
	}

	begun := time.Now()
	if id := due(b, home, begun); id != want {
		b.Fatalf("run %s is due, want %s", id, want)
	}
	floor = time.Since(begun)

	called := make(chan time.Time, 1)
	registry := hosttest.Registry(func() { called <- time.Now() })
	begun = time.Now()
	store, err := journal.Open(b.Context(), home)
	if err != nil {
		b.Fatal(err)
	}
	next := &local.Runner{Journal: store, Registry: registry, About: "the next process"}
	ctx, stop := context.WithCancel(b.Context())
	var group sync.WaitGroup
	group.Go(func() {
		if err := next.Work(ctx, false, nil); err != nil {
			b.Error(err)
		}
	})
	ready = (<-called).Sub(begun)
	for {
		run, _, err := store.Load(b.Context(), want)
		if err != nil {
			b.Fatal(err)
		}
		if !run.Ended.IsZero() {
			break
		}
		time.Sleep(time.Millisecond)
	}
	stop()
	group.Wait()
	if err := next.Close(); err != nil {
		b.Fatal(err)
	}
	if err := store.Close(); err != nil {
		b.Fatal(fmt.Errorf("the next process: %w", err))
	}
	return floor, ready
}
