package local_test

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"reflect"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine/sample"
)

// TestSimulation simulates the local runner: two processes carry on many runs of random definitions
// over one journal. Calls are throttled, refused and lost, the store fails, and processes die at any
// moment. invariants_test.go lists what must hold all the same.
//
//	go test ./engine/local -run TestSimulation -runs 1000000 -seed 5000
//
// carries out that many runs, and begins with that seed. A failure says how to repeat it. Most
// simulations are functions of their seed. In the others the scheduler decides some of what happens,
// so a failure may need several attempts to happen again.
var (
	runsFlag = flag.Int("runs", 0, "how many runs TestSimulation carries out; 0 means 3000, 10000 with -long, or 1500 with -short")
	seedFlag = flag.Uint64("seed", 1, "the first seed of TestSimulation")
)

// A tally counts what happens, to show that the simulation really simulates it.
type tally struct {
	Runs, Succeeded, Failed, Cancelled, Uncertain                           int // how they ended
	Entries, Calls, Effects, Lookups, Undone                                int
	Throttled, Refused, Final, Lost, Late, Long, StoreErrors, Troubles      int // faults
	Crashes, Stops, Leaves                                                  int // ends of processes
	Resumes                                                                 int // of runs, after such an end
	Queued                                                                  int // how often a run began to wait for its turn
	Copies, Adopted                                                         int // of the home, and their runs
	Started, Duplicates, Resolved, Approved, Retried, CancelsAsked, Resumed int // what people did
	Inside, UndoneAgain, GoneOn                                             int // retries: within a branch; of an undone step; after what was accepted
}

func (c *tally) add(other tally) {
	sum, more := reflect.ValueOf(c).Elem(), reflect.ValueOf(other)
	for i := range sum.NumField() {
		sum.Field(i).SetInt(sum.Field(i).Int() + more.Field(i).Int())
	}
}

func TestSimulation(t *testing.T) {
	runs := cmp.Or(*runsFlag, sample.Size(1500, 3000, 10000))
	var seeds []uint64
	for n, seed := 0, *seedFlag; n < runs; seed++ {
		seeds = append(seeds, seed)
		n += sizeOf(seed)
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // the live heap is small
	var mu sync.Mutex
	var total tally
	began := time.Now()
	t.Run("seeds", func(t *testing.T) {
		var next atomic.Int64
		var broken atomic.Bool
		for shard := range 4 {
			t.Run(fmt.Sprint(shard), func(t *testing.T) {
				t.Parallel()
				defer func() { broken.Store(broken.Load() || t.Failed()) }()
				for !t.Failed() && !broken.Load() {
					n := int(next.Add(1)) - 1
					if n >= len(seeds) {
						return
					}
					counted := checkSimulation(t, seeds[n])
					mu.Lock()
					total.add(counted)
					mu.Unlock()
				}
			})
		}
	})
	t.Logf("seeds %d to %d in %s: %+v", seeds[0], seeds[len(seeds)-1], time.Since(began).Round(time.Millisecond), total)
	all := reflect.ValueOf(total)
	for i := range all.NumField() {
		if all.Field(i).Int() == 0 && runs >= 3000 && !t.Failed() {
			t.Errorf("the simulation counts no %s", all.Type().Field(i).Name)
		}
	}
}

// checkSimulation runs one simulation and reports its violations.
func checkSimulation(t *testing.T, seed uint64) (counted tally) {
	defer func() {
		if fault := recover(); fault != nil {
			panic(fmt.Sprintf("%v\n%s", fault, repeat(seed)))
		}
	}()
	synctest.Test(t, func(t *testing.T) {
		s := runSimulation(t, seed)
		s.countEnds()
		counted = s.counts
		s.report(t)
	})
	return counted
}

func repeat(seed uint64) string {
	return fmt.Sprintf("repeat it with: go test ./engine/local -run 'TestSimulation$' -count=1 -runs 1 -seed %d", seed)
}

func (s *simulation) countEnds() {
	for _, sub := range s.subjects {
		s.counts.Runs++
		switch sub.state.Status {
		case "succeeded":
			s.counts.Succeeded++
		case "failed":
			s.counts.Failed++
		case "cancelled":
			s.counts.Cancelled++
		case "uncertain":
			s.counts.Uncertain++
		}
	}
}

// report reports the violations, the first one of each run.
func (s *simulation) report(t *testing.T) {
	reported := map[*subject]bool{}
	for _, v := range s.found {
		if reported[v.sub] || len(reported) == 3 {
			continue
		}
		reported[v.sub] = true
		var b strings.Builder
		fmt.Fprintf(&b, "%s is broken: %s\n%s\n", v.invariant, v.message, repeat(s.seed))
		if v.sub != nil {
			s.describe(&b, v.sub)
		}
		t.Error(b.String())
	}
}

// describe writes a run: its definition, its entries, and the effects that the world performed.
func (s *simulation) describe(b *strings.Builder, sub *subject) {
	fmt.Fprintf(b, "\n%s\ninputs %v\n", sub.order.Program.Source, sub.order.Inputs)
	run, entries, err := s.journal.Load(context.Background(), sub.id)
	fmt.Fprintf(b, "run %s: %s, wakes %s, %s %s, %v\n", sub.id, run.Status, run.Wake, run.Waits, run.Result, err)
	for i, e := range entries {
		fmt.Fprintf(b, "%3d +%s %s\n", i, e.At.Sub(s.start), encoded(e))
	}
	for _, d := range sub.deeds {
		fmt.Fprintf(b, "effect of entry %d: %s\n", d.number, encoded(d.call))
	}
}

func encoded(of any) string {
	data, err := json.Marshal(of)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// A simulation follows from its seed, so that a failure can be repeated.
func TestSimulationRepeatsItself(t *testing.T) {
	for n := range uint64(8) {
		seed := *seedFlag + 1000000 + n
		if !repeats(seed) {
			continue
		}
		var courses [2]map[string]string
		for i := range courses {
			courses[i] = map[string]string{}
			synctest.Test(t, func(t *testing.T) {
				s := runSimulation(t, seed)
				for _, sub := range s.subjects {
					courses[i][sub.id] = s.course(sub)
				}
			})
		}
		for id, course := range courses[0] {
			again := strings.Split(courses[1][id], "\n")
			for i, entry := range strings.Split(course, "\n") {
				if i == len(again) || entry != again[i] {
					t.Errorf("seed %d, run %s: entry %d is\n%s\nand the second time\n%s", seed, id, i, entry, again[min(i, len(again)-1)])
					break
				}
			}
		}
	}
}

func (s *simulation) course(sub *subject) string {
	var b strings.Builder
	_, entries := s.stored(sub.id)
	for _, e := range entries {
		b.WriteString(encoded(e) + "\n")
	}
	return b.String()
}
