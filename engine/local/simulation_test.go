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

// A simulation of the durable host: many runs of random definitions, carried on by two processes at once over one journal, in a world
// where calls are throttled, refused and lost, the store fails, and processes die at any moment. What must hold all the same is listed
// in invariants_test.go.
//
//	go test ./engine/local -run TestSimulation -runs 1000000 -seed 5000
//
// carries out so many runs, from that seed on. A failure says how to repeat it. Most simulations are functions of their seed; in some it
// is up to the scheduler what happens at some moments, and a failure may take several attempts to come again.
var (
	runsFlag = flag.Int("runs", 0, "how many runs TestSimulation carries out; 0 means 4000, 20000 with -long, or 1500 with -short")
	seedFlag = flag.Uint64("seed", 1, "the first seed of TestSimulation")
)

// A tally tells that what is simulated really happens.
type tally struct {
	Runs, Succeeded, Failed, Cancelled, Uncertain                           int // how they ended
	Entries, Calls, Effects, Lookups, Undone                                int
	Throttled, Refused, Final, Lost, Long, StoreErrors                      int // faults
	Crashes, Stops, Leaves                                                  int // ends of processes
	Resumes                                                                 int // runs that were gone on with after one
	Started, Duplicates, Resolved, Approved, Retried, CancelsAsked, Resumed int // what people did
}

func (c *tally) add(other tally) {
	sum, more := reflect.ValueOf(c).Elem(), reflect.ValueOf(other)
	for i := range sum.NumField() {
		sum.Field(i).SetInt(sum.Field(i).Int() + more.Field(i).Int())
	}
}

func TestSimulation(t *testing.T) {
	runs := cmp.Or(*runsFlag, sample.Size(1500, 4000, 20000))
	var seeds []uint64
	for n, seed := 0, *seedFlag; n < runs; seed++ {
		seeds = append(seeds, seed)
		n += sizeOf(seed)
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // what is alive at a time is little
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
			t.Errorf("the simulation is silent: it counts no %s", all.Type().Field(i).Name)
		}
	}
}

// checkSimulation runs one simulation and reports what it found.
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

// report tells of the violations, of each run the first.
func (s *simulation) report(t *testing.T) {
	told := map[*subject]bool{}
	for _, v := range s.found {
		if told[v.sub] || len(told) == 3 {
			continue
		}
		told[v.sub] = true
		var b strings.Builder
		fmt.Fprintf(&b, "%s is broken: %s\n%s\n", v.invariant, v.message, repeat(s.seed))
		if v.sub != nil {
			s.describe(&b, v.sub)
		}
		t.Error(b.String())
	}
}

// describe writes down a run: its definition, its entries and what the world knows of it.
func (s *simulation) describe(b *strings.Builder, sub *subject) {
	fmt.Fprintf(b, "\n%s\ninputs %v\n", sub.order.Program.Source, sub.order.Inputs)
	run, entries, err := s.journal.Load(context.Background(), sub.id)
	fmt.Fprintf(b, "run %s: %s, wakes %s, %s %s, %v\n", sub.id, run.Status, run.Wake, run.Waits, run.Result, err)
	for i, e := range entries {
		fmt.Fprintf(b, "%3d +%s %s\n", i, e.At.Sub(s.start), encoded(e))
	}
	for _, d := range sub.deeds {
		fmt.Fprintf(b, "effect of entry %d: %s\n", d.entry, encoded(d.call))
	}
}

func encoded(of any) string {
	data, err := json.Marshal(of)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// The course of a simulation follows from its seed: what fails is found again.
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
					t.Errorf("seed %d, run %s: entry %d is\n%s\nand then %s", seed, id, i, entry, again[min(i, len(again)-1)])
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
