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

// A simulation is one world: a journal, the processes that share it, the systems that they act on,
// and the people who look after the runs. It is a function of its seed, and runs in one bubble of
// testing/synctest.
type simulation struct {
	seed     uint64
	t        testing.TB
	journal  *journal.Memory
	subjects []*subject
	programs []*definition
	mixed    bool
	wide     bool
	lives    int // how many processes in each place end early
	start    time.Time

	care sync.WaitGroup // people who look after runs

	mu        sync.Mutex
	byID      map[string]*subject // also by ids that were proposed and not used
	working   [2]*process
	processes []*process // all of them, also the dead ones
	counts    tally
	found     []violation
	over      bool
}

// A subject is an order and its run. simulation.mu guards the fields below sim.
type subject struct {
	number     int
	definition *definition
	order      engine.Order
	sim        *simulation

	id         string // of the run on record; empty before
	claimed    bool   // a receipt said that the run is new
	started    bool   // Start put it on record
	state      journal.State
	holder     string
	entries    []journal.Entry // in the order of the commits
	faults     int             // how many faults may still happen to the run
	failing    int             // how many of its next commits fail
	commits    int             // how many were tried
	calls      map[string]int
	acting     *process // the process that is in a call
	calling    int      // how many branches of it are
	deeds      []*deed
	sent       map[string]sent           // by step
	due        map[string]time.Time      // by branch: when the wait at the end of its entries is due
	decided    map[string]engine.Verdict // by step: the approvals that stay
	corrected  []*program.Program
	toCancel   bool            // it was cancelled, and has not acknowledged that
	stopped    map[string]bool // the branches that received a cancellation
	busy       int             // how many people are about to act on it
	attended   bool            // one of them will decide, retry or resume
	unresolved bool            // no person will decide
	endings    int             // how often it ended
	naming     bool            // the person who retries it names a step
	named      []bool          // of each retry on record: the person named a step
}

// mixed reports whether the scheduler decides some of what happens: processes carry on so few runs
// at once that others must wait, and people start and resume runs through a process that also works
// on runs that are due.
func mixed(seed uint64) bool { return seed%8 == 0 }

// wide reports whether runs have parallel branches; the scheduler decides their order. The branches
// of a run share a lock while they commit, and in a bubble no time passes for a goroutine that
// waits for a lock. So commits take no time in these simulations, and the store does not fail.
func wide(seed uint64) bool { return seed%4 == 1 }

// repeats reports whether a simulation goes the same way each time.
func repeats(seed uint64) bool { return !mixed(seed) && !wide(seed) }

// faultTime is how long faults happen that concern no run alone.
const faultTime = time.Hour

// sizeOf returns how many runs a simulation has. Some have few, so that a failure is easy to read.
func sizeOf(seed uint64) int {
	d := roll(seed, "size")
	if d.once(8) {
		return d.IntN(3) + 1
	}
	return d.IntN(60) + 40
}

// runSimulation runs the simulation of a seed to its end, in the bubble of its caller.
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
		processes.Go(func() { s.keepProcess(place) })
	}
	for _, sub := range s.subjects {
		people.Go(func() { s.placeOrder(sub) })
	}
	var copied *twin
	people.Go(func() { copied = s.copyHome() })
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
	s.finish(copied)
	return s
}

// bound is the simulated time in which every run comes to rest. It is far longer than a definition,
// the faults of a run and the people who look after it take together: an approval of one hour within
// four loops is asked for hundreds of times.
const bound = 60 * 24 * time.Hour

func (s *simulation) newSubject(n int) *subject {
	d := roll(s.seed, "subject", n)
	sub := &subject{number: n, sim: s, calls: map[string]int{}, stopped: map[string]bool{}, due: map[string]time.Time{}, sent: map[string]sent{}, decided: map[string]engine.Verdict{}}
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
	if d.once(2) {
		sub.order.URL = engine.RunURL("https://errand.example.com", sub.order.Run)
	}
	s.byID[sub.order.Run] = sub
	return sub
}

// mayFault reports whether another fault may happen to the run. The caller holds simulation.mu.
func (sub *subject) mayFault() bool { return sub.faults > 0 }

func (sub *subject) spend() { sub.faults-- }

func (s *simulation) faultsGoOn() bool { return time.Since(s.start) < faultTime }

func (s *simulation) isOver() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over
}

// rests reports whether all runs are at rest, or a violation was found.
func (s *simulation) rests() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.found) > 0 {
		return true
	}
	for _, sub := range s.subjects {
		if !sub.rests() && !s.isBehind(sub) || sub.busy > 0 {
			return false
		}
	}
	return true
}

// rests reports whether the run has ended, or waits for a person who will not decide.
func (sub *subject) rests() bool {
	waits := slices.ContainsFunc(sub.state.Waits, forPerson)
	return !sub.state.Ended.IsZero() || sub.unresolved && waits && sub.state.Wake.IsZero()
}

func (s *simulation) count(add func(*tally)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	add(&s.counts)
}
