package local_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/program"
)

// A simulation is one world: a journal, the processes that share it, the systems they act on and the people who look after it. It is a
// function of its seed, and lives in one bubble of testing/synctest.
type simulation struct {
	seed     uint64
	t        testing.TB
	journal  *journal.Memory
	subjects []*subject
	programs []*definition
	mixed    bool
	wide     bool
	lives    int // how often a process in each place ends before its time
	start    time.Time

	care sync.WaitGroup // people who look after runs

	mu        sync.Mutex
	byID      map[string]*subject // also by the ids that were proposed and not taken
	working   [2]*process
	processes []*process // all that there were
	counts    tally
	found     []violation
	over      bool
}

// A subject is an order, and the run that comes of it. What is below sim is used with simulation.mu held.
type subject struct {
	number     int
	definition *definition
	order      engine.Order
	sim        *simulation

	id         string // once it is on record
	told       bool   // somebody was told that the run is new
	started    bool   // Start put it on record
	state      journal.State
	holder     string
	entries    []journal.Entry // as they were committed
	faults     int             // how many more may happen to it
	failing    int             // how many more commits fail
	commits    int             // commits that were tried
	calls      map[string]int
	acting     *process // who calls, and
	calling    int      // in how many branches
	deeds      []*deed
	sent       map[string]sent           // by step
	due        map[string]time.Time      // of the waits that the entries end with, by branch
	decided    map[string]engine.Verdict // approvals, until the run is done again
	corrected  []*program.Program
	toCancel   bool // no effect may follow before the run knows of that
	busy       int  // people who are about to do something about it
	attended   bool // one of them will decide or go on with it
	unresolved bool // nobody will decide
	endings    int
}

// mixed tells whether it is up to the scheduler what happens at some moments: processes carry on so few runs at once that others have
// to wait, and people start and resume runs through a process that carries on what is due besides.
func mixed(seed uint64) bool { return seed%8 == 0 }

// wide tells whether there are runs with branches side by side, which are in the scheduler's hands too. A run's branches share a lock
// while they commit, and in a bubble no time passes for who waits for a lock: there commits take no time, and the store does not fail.
func wide(seed uint64) bool { return seed%4 == 1 }

// repeats tells whether a simulation goes the same way each time.
func repeats(seed uint64) bool { return !mixed(seed) && !wide(seed) }

// faultTime is how long things go wrong that concern no run alone.
const faultTime = time.Hour

// sizeOf is how many runs a simulation has: now and then few, so that what goes wrong there is easy to read.
func sizeOf(seed uint64) int {
	d := roll(seed, "size")
	if d.once(8) {
		return d.IntN(3) + 1
	}
	return d.IntN(60) + 40
}

// runSimulation runs the simulation of a seed to its end, in the bubble that it is called in.
func runSimulation(t testing.TB, seed uint64) *simulation {
	s := &simulation{seed: seed, t: t, journal: journal.NewMemory(), byID: map[string]*subject{}, start: time.Now()}
	d := roll(seed, "simulation")
	s.lives, s.mixed, s.wide = d.IntN(5), mixed(seed), wide(seed)
	size := sizeOf(seed)
	for n := range size/16 + 1 {
		s.programs = append(s.programs, define(t, seed, n, s.wide))
	}
	for n := range size {
		s.subjects = append(s.subjects, s.newSubject(n))
	}
	var people, processes sync.WaitGroup
	for place := range s.working {
		processes.Go(func() { s.live(place) })
	}
	for _, sub := range s.subjects {
		people.Go(func() { s.asks(sub) })
	}
	people.Wait()
	for !s.rests() && time.Since(s.start) < bound {
		time.Sleep(20 * time.Second)
	}
	s.mu.Lock()
	s.over = true
	for _, p := range s.processes {
		p.end(errLeave)
	}
	s.mu.Unlock()
	processes.Wait()
	s.care.Wait()
	s.check()
	return s
}

// bound is the simulated time within which every run rests: far more than a definition, the faults that are left to a run and the
// people who look after it take together.
const bound = 48 * time.Hour

func (s *simulation) newSubject(n int) *subject {
	d := roll(s.seed, "subject", n)
	sub := &subject{number: n, sim: s, calls: map[string]int{}, due: map[string]time.Time{}, sent: map[string]sent{}, decided: map[string]engine.Verdict{}}
	sub.faults = oneOf(d, 0, 1, 3, 6, 10)
	sub.definition = oneOf(d, s.programs...)
	sub.order = engine.Order{
		Run:     fmt.Sprintf("s%dr%d", s.seed, n),
		Request: fmt.Sprintf("100-%d", n),
		Inputs:  sub.definition.inputs(s.t, d),
		Program: sub.definition.Program,
	}
	if d.once(10) {
		sub.order.Request = ""
	}
	s.byID[sub.order.Run] = sub
	return sub
}

// mayFault tells whether another fault may happen to the run. simulation.mu is held.
func (sub *subject) mayFault() bool { return sub.faults > 0 }

func (sub *subject) spend() { sub.faults-- }

func (s *simulation) faultsGoOn() bool { return time.Since(s.start) < faultTime }

func (s *simulation) isOver() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over
}

// rests tells whether nothing will happen any more that is of interest.
func (s *simulation) rests() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.found) > 0 {
		return true
	}
	for _, sub := range s.subjects {
		if !sub.rests() || sub.busy > 0 {
			return false
		}
	}
	return true
}

// rests tells whether the run has ended, or will not without a person who does not come.
func (sub *subject) rests() bool {
	waits := slices.ContainsFunc(sub.state.Waits, forPerson)
	return !sub.state.Ended.IsZero() || sub.unresolved && waits && sub.state.Wake.IsZero()
}

func (s *simulation) count(add func(*tally)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	add(&s.counts)
}
