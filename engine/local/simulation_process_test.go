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

// A process is a simulated one: a runner, a session, and a way to the common journal that ends with it.
type process struct {
	sim     *simulation
	name    string
	runner  *local.Runner
	ctx     context.Context
	end     context.CancelCauseFunc
	killed  chan struct{}
	started sync.WaitGroup // runs that Start carries out beside Work
	lists   int

	// With simulation.mu held:
	dead       bool
	sessions   []journal.Session
	operations map[int]int             // of the journal, by subject
	heard      map[string]engine.Event // the last event of each run
	failed     map[string]bool         // the runs of which a change was not made, or seemed not to be
}

type processKey struct{}

var (
	errDead  = errors.New("the process is dead")
	errLeave = errors.New("the process is told to end")
)

// newProcess starts a process. Most know the definitions already; the others compile what a run is pinned to.
func (s *simulation) newProcess(name string) *process {
	p := &process{sim: s, name: name, killed: make(chan struct{}), operations: map[int]int{}, heard: map[string]engine.Event{}, failed: map[string]bool{}}
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

// following follows a run as this process does.
func (p *process) following() engine.Following { return engine.Following{Watch: p.hears} }

func (p *process) hears(e engine.Event) {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	p.heard[e.Run] = e
}

// crash ends a process at this moment: nothing that it does from now on reaches the journal or the world.
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

// quit ends a process in order, unless it is dead or there is none.
func (p *process) quit() {
	if p == nil {
		return
	}
	p.end(errLeave)
	p.started.Wait()
	if err := p.runner.Close(); err != nil && !errors.Is(err, errDead) {
		p.sim.violated("I3", nil, "closing %s: %v", p.name, err)
	}
}

// holds tells whether a run's holder is the process. simulation.mu is held.
func (p *process) holds(holder string) bool {
	for _, session := range p.sessions {
		if session.ID() == holder {
			return !p.dead
		}
	}
	return false
}

// dies is how a process ends before the end of the simulation: mostly it is killed, and now and then it is told to end.
func (p *process) dies(d dice) {
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

// live keeps one of the two processes that carry on what is due: when one has ended, another takes its place.
func (s *simulation) live(place int) {
	for n := 0; !s.isOver(); n++ {
		d := roll(s.seed, "life", place, n)
		p := s.newProcess(fmt.Sprintf("process %c%d", 'a'+place, n))
		s.mu.Lock()
		s.working[place] = p
		s.mu.Unlock()
		life := time.AfterFunc(d.between(10*time.Second, 6*time.Minute), func() {
			if n < s.lives {
				p.dies(d)
			}
		})
		if err := p.runner.Work(p.ctx, false, p.hears); err != nil {
			p.crash() // as the command line does, which has nothing left to do
		}
		life.Stop()
		p.quit()
		time.Sleep(d.between(time.Millisecond, 20*time.Second))
	}
}
