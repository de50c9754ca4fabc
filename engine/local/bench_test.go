package local_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/journal"
	"errand/engine/local"
	"errand/engine/program"
)

// fiveEffects calls five tasks. Each receives the output of the one before, and each call is on
// record before it is sent.
const fiveEffects = `
workflow: five
inputs:
  who: {type: string}
steps:
  - {id: a, task: stub.evident, with: {text: "${{ inputs.who }}"}}
  - {id: b, task: stub.keyed, with: {text: "${{ steps.a.text }}"}}
  - {id: c, task: stub.evident, with: {text: "${{ steps.b.text }}"}}
  - {id: d, task: stub.keyed, with: {text: "${{ steps.c.text }}"}}
  - {id: e, task: stub.evident, with: {text: "${{ steps.d.text }}"}}
outputs:
  text: ${{ steps.e.text }}
`

// A durable is a runner on a journal on disk.
type durable struct {
	*local.Runner
	store   *journal.SQLite
	counts  *counts
	program *program.Program
}

func newDurable(b *testing.B, home, source string) *durable {
	b.Helper()
	registry := hosttest.Registry(func() {})
	p, problems := program.Load("five.yaml", []byte(source), registry)
	if p == nil {
		b.Fatal(problems)
	}
	store, err := journal.Open(b.Context(), home)
	if err != nil {
		b.Fatal(err)
	}
	c := &counts{Journal: store}
	return &durable{
		Runner: &local.Runner{Journal: c, Registry: registry, About: "a benchmark"}, store: store, counts: c, program: p,
	}
}

func (d *durable) close(b *testing.B) {
	b.Helper()
	if err := errors.Join(d.Close(), d.store.Close()); err != nil {
		b.Fatal(err)
	}
}

func (d *durable) order(i int) engine.Order {
	return engine.Order{
		Run: fmt.Sprintf("benchrun%08d", i), Request: fmt.Sprintf("100-%d", i), Inputs: map[string]any{"who": "world"}, Program: d.program,
	}
}

func (d *durable) carryOut(i int) error {
	result, err := d.Start(context.Background(), d.order(i), engine.Following{})
	if err == nil && result.Status != engine.Succeeded {
		err = fmt.Errorf("the run %s: %v", result.Status, result.Failure)
	}
	return err
}

// first carries out one run, so that the later ones do no work that is done once. It returns how
// many bytes each of its commits has.
func (d *durable) first(b *testing.B) (sizes []int) {
	b.Helper()
	d.counts.first = d.order(0).Run
	if err := d.carryOut(0); err != nil {
		b.Fatal(err)
	}
	d.counts.commits.Store(0)
	return d.counts.sizes
}

// BenchmarkDurableRun carries out runs of five effects, with a journal on disk. After each run, or
// after each thousand runs, it measures the floor: bare SQLite with the same pragmas, which inserts
// one row for each commit of the runs, with the size of that commit. With one caller each row is a
// transaction; with 50 callers 50 rows are one.
func BenchmarkDurableRun(b *testing.B) {
	b.Run("alone", func(b *testing.B) {
		d, floor := newDurable(b, b.TempDir(), fiveEffects), newBare(b)
		defer d.close(b)
		sizes := d.first(b)
		var runs, floors []time.Duration
		for i := 1; b.Loop(); i++ {
			begun := time.Now()
			if err := d.carryOut(i); err != nil {
				b.Fatal(err)
			}
			middle := time.Now()
			for _, size := range sizes {
				floor.insert(b, size)
			}
			runs, floors = append(runs, middle.Sub(begun)), append(floors, time.Since(middle))
		}
		b.ReportMetric(float64(d.counts.commits.Load())/float64(len(runs)), "commits/run")
		report(b, runs, floors)
	})
	b.Run("fifty", func(b *testing.B) {
		d, floor := newDurable(b, b.TempDir(), fiveEffects), newBare(b)
		defer d.close(b)
		sizes := d.first(b)
		const callers, each = 50, 20
		var rows []int // of a thousand runs
		for range callers * each {
			rows = append(rows, sizes...)
		}
		var runs, floors []time.Duration // of a thousand each
		for round := 0; b.Loop(); round++ {
			begun := time.Now()
			var group sync.WaitGroup
			for caller := range callers {
				group.Go(func() {
					for i := range each {
						if err := d.carryOut(1 + (round*callers+caller)*each + i); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			group.Wait()
			middle := time.Now()
			for together := range slices.Chunk(rows, callers) {
				floor.insert(b, together...)
			}
			runs, floors = append(runs, middle.Sub(begun)), append(floors, time.Since(middle))
		}
		b.ReportMetric(float64(d.counts.commits.Load())/float64(len(runs)*callers*each), "commits/run")
		run, least := percentile(runs, 50), percentile(floors, 50)
		b.ReportMetric(float64(run.Nanoseconds())/callers/each, "ns/op")
		b.ReportMetric(callers*each/run.Seconds(), "runs/s")
		b.ReportMetric(callers*each/least.Seconds(), "floor-runs/s")
		b.ReportMetric(float64(least)/float64(run), "of-floor")
	})
}

// report reports the times of runs and of their floors.
func report(b *testing.B, runs, floors []time.Duration) {
	b.Helper()
	var sum time.Duration
	for _, t := range runs {
		sum += t
	}
	b.ReportMetric(float64(sum.Nanoseconds())/float64(len(runs)), "ns/op")
	b.ReportMetric(float64(len(runs))/sum.Seconds(), "runs/s")
	for _, percent := range []int{50, 99} {
		b.ReportMetric(milliseconds(percentile(runs, percent)), fmt.Sprintf("p%d-ms", percent))
		b.ReportMetric(milliseconds(percentile(floors, percent)), fmt.Sprintf("floor-p%d-ms", percent))
	}
	b.ReportMetric(float64(percentile(runs, 50))/float64(percentile(floors, 50)), "p50/floor")
}

// percentile returns the time that a percentage of the times does not exceed. It sorts them.
func percentile(times []time.Duration, percent int) time.Duration {
	slices.Sort(times)
	return times[(len(times)-1)*percent/100]
}

func milliseconds(t time.Duration) float64 { return float64(t.Nanoseconds()) / 1e6 }

// BenchmarkReplay replays a run of five effects that has ended. The floor reads its row and its
// entries with bare SQLite, and decodes the entries.
func BenchmarkReplay(b *testing.B) {
	home := b.TempDir()
	d := newDurable(b, home, fiveEffects)
	defer d.close(b)
	d.first(b)
	run := d.order(0).Run
	floor := openBare(b, home)
	var looks, floors []time.Duration
	for b.Loop() {
		begun := time.Now()
		if v, err := d.Look(b.Context(), run); err != nil || v.Result.Status != engine.Succeeded {
			b.Fatal(v.Result, err)
		}
		middle := time.Now()
		if entries := floor.read(b, run); len(entries) != 10 {
			b.Fatal(entries)
		}
		looks, floors = append(looks, middle.Sub(begun)), append(floors, time.Since(middle))
	}
	look, least := percentile(looks, 50), percentile(floors, 50)
	b.ReportMetric(float64(look.Nanoseconds()), "ns/op")
	b.ReportMetric(1000*milliseconds(look)/5, "us/step")
	b.ReportMetric(1000*milliseconds(least)/5, "floor-us/step")
	b.ReportMetric(float64(look)/float64(least), "ratio")
}
