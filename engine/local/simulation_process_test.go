package local_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/local"
)

// A process is a simulated process: a runner, a session, and a journal that fails once the process
// is dead.
type process struct {
	sim     *simulation
	name    string
	runner  *local.Runner
	ctx     context.Context
	end     context.CancelCauseFunc
	killed  chan struct{}
	started sync.WaitGroup // Start, Accept and the like, which it carries out while it works
	twin    *twin          // nil unless it works on a copy of the home

	// With simulation.mu held:
	dead       bool
	sessions   []journal.Session
	looked     map[string]int          // by what was looked for: how often
	operations map[operation]int       // how many requests of the journal
	lastEvent  map[string]engine.Event // by run: the last event that it received
	failed     map[string]bool         // by run: a commit failed, or seemed to fail
}

// An operation is a kind of requests of the journal, about one subject.
type operation struct {
	kind    string
	subject int
}

type processKey struct{}

var (
	errDead  = errors.New("the process is dead")
	errLeave = errors.New("the process must end")
)

// newProcess starts a process. Most processes have the compiled definitions; the others compile the
// source on record.
func (s *simulation) newProcess(name string) *process {
	p := &process{sim: s, name: name, killed: make(chan struct{}), looked: map[string]int{}, operations: map[operation]int{}, lastEvent: map[string]engine.Event{}, failed: map[string]bool{}}
	ctx, end := context.WithCancelCause(context.WithValue(context.Background(), processKey{}, p))
	p.ctx, p.end = ctx, end
	d := roll(s.seed, name)
	p.runner = &local.Runner{
		Journal: &faulty{p}, Registry: simulated, About: name,
		Poll: oneOf(d, 500*time.Millisecond, 3*time.Second, 7*time.Second),
	}
	if s.mixed {
		p.runner.Limit = 5
	}
	if !d.once(40) {
		for _, d := range s.programs {
			p.runner.Keep(d.Program)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.processes = append(s.processes, p)
	if s.over {
		p.end(errLeave)
	}
	return p
}

// following returns how this process follows a run.
func (p *process) following() engine.Following { return engine.Following{Watch: p.noteEvent} }

func (p *process) noteEvent(e engine.Event) {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	p.lastEvent[e.Run] = e
}

// crash ends a process at once: nothing that it does afterwards reaches the journal or the world.
func (p *process) crash() {
	p.sim.mu.Lock()
	if p.dead {
		p.sim.mu.Unlock()
		return
	}
	p.dead = true
	p.sim.counts.Crashes++
	close(p.killed)
	for _, session := range p.sessions {
		_ = session.Close()
	}
	p.sim.mu.Unlock()
	p.end(errDead)
}

// quit ends a process in order, unless it is dead. It does nothing if p is nil.
func (p *process) quit() {
	if p == nil {
		return
	}
	p.end(errLeave)
	p.started.Wait()
	if err := p.runner.Close(); err != nil && !errors.Is(err, errDead) {
		p.sim.lockAndNote("I3", nil, "closing %s: %v", p.name, err)
	}
}

// holds reports whether a run's holder is the process, and the process is alive. The caller holds
// simulation.mu.
func (p *process) holds(holder string) bool {
	for _, session := range p.sessions {
		if session.ID() == holder {
			return !p.dead
		}
	}
	return false
}

// endEarly ends a process before the end of the simulation: most are killed, and some are told to
// end.
func (p *process) endEarly(d dice) {
	switch d.IntN(8) {
	case 0:
		p.sim.count(func(c *tally) { c.Stops++ })
		p.end(engine.ErrStop)
	case 1:
		p.sim.count(func(c *tally) { c.Leaves++ })
		p.end(errLeave)
	default:
		p.crash()
	}
}

// keepProcess keeps one of the two processes at work: when it has ended, another one takes its
// place.
func (s *simulation) keepProcess(place int) {
	for n := 0; !s.isOver(); n++ {
		d := roll(s.seed, "life", place, n)
		p := s.newProcess(fmt.Sprintf("process %c%d", 'a'+place, n))
		s.mu.Lock()
		s.working[place] = p
		s.mu.Unlock()
		life := time.AfterFunc(d.between(10*time.Second, 6*time.Minute), func() {
			if n < s.lives {
				p.endEarly(d)
			}
		})
		if err := p.runner.Work(p.ctx, false, p.noteEvent); err != nil {
			p.crash() // the command line ends here too
		}
		life.Stop()
		p.quit()
		time.Sleep(d.between(time.Millisecond, 20*time.Second))
	}
}
