package runnertest

import (
	"cmp"
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
)

// RealTime says how RunInRealTime runs the suite.
type RealTime struct {
	// Most is how long a case may take by its own clock.
	Most time.Duration

	// Slack is by how much a time may be later than the contract says.
	Slack time.Duration

	// Differs has the cases that these runners do not pass, by "part/case", and whole parts by their
	// name, with the reason.
	Differs map[string]string

	// Measured makes the runners by which the time that a case takes is measured, in a bubble of
	// testing/synctest.
	Measured func(Setup) Runners
}

// casesAtOnce is how many cases run side by side. A case waits most of its time.
const casesAtOnce = 8

// RunInRealTime runs the suite against runners whose clock cannot be moved and whose runs go on while
// nobody follows them. It leaves out the cases that take longer than a time, and runs the others side
// by side. It returns how many these are.
//
// The calls of probe.* wait until a process follows a run or works, so a case can prepare what they
// answer.
func RunInRealTime(t *testing.T, o RealTime, runners func(Setup) Runners) (cases int) {
	found := map[string]bool{}
	var running sync.WaitGroup
	places := make(chan struct{}, casesAtOnce)
	for _, part := range parts {
		for _, c := range part.cases {
			name := part.name + "/" + c.name
			why := cmp.Or(o.Differs[name], o.Differs[part.name])
			found[name], found[part.name] = true, true
			if why == "" {
				if long := c.takes(t, o.Measured); long > o.Most {
					why = "it takes " + long.String()
				} else {
					cases++
				}
			}
			places <- struct{}{}
			running.Go(func() {
				defer func() { <-places }()
				t.Run(name, func(t *testing.T) {
					if why != "" {
						t.Skip(why)
					}
					c.test(newRealBench(t, o.Slack, runners))
				})
			})
		}
	}
	running.Wait()
	for name := range o.Differs {
		if !found[name] {
			t.Errorf("the suite has no case or part %q", name)
		}
	}
	return cases
}

// takes returns how long a case takes by the clock of a bubble.
func (c testCase) takes(t *testing.T, runners func(Setup) Runners) (long time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		b := newBench(t, runners)
		b.brief = true
		c.test(b)
		long = time.Since(began)
	})
	return long
}

// longestCase is how long a case may take in real time.
const longestCase = 3 * time.Minute

// newRealBench returns a bench for runners whose runs go on by themselves.
func newRealBench(t *testing.T, slack time.Duration, runners func(Setup) Runners) *bench {
	g := &gate{}
	g.changed.L = &g.mu
	b := prepareBench(t)
	b.goesOn, b.brief, b.slack, b.settle, b.calling = true, true, slack, func() {}, g.wait
	ctx, stop := context.WithTimeout(b.ctx, longestCase) // a case that hangs fails
	t.Cleanup(stop)
	b.ctx = ctx
	b.open(func(s Setup) Runners {
		made := runners(s)
		open := made.Open
		made.Open = func(about string) engine.Runner { return gatedRunner{open(about), g} }
		t.Cleanup(g.enter) // first of all, so that no call waits any longer
		return made
	})
	return b
}

// A gate is open while somebody is inside.
type gate struct {
	mu      sync.Mutex
	changed sync.Cond
	inside  int
}

func (g *gate) enter() { g.add(1) }
func (g *gate) leave() { g.add(-1) }

func (g *gate) add(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inside += n
	g.changed.Broadcast()
}

// pass enters, unless a context has ended, and returns the function that leaves again.
func (g *gate) pass(ctx context.Context) (leave func()) {
	if ctx.Err() != nil {
		return func() {}
	}
	g.enter()
	return g.leave
}

// wait waits until the gate is open.
func (g *gate) wait() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.inside == 0 {
		g.changed.Wait()
	}
}

// A gatedRunner opens a gate while it follows a run or works, unless its context has ended.
type gatedRunner struct {
	engine.Runner
	gate *gate
}

func (r gatedRunner) Start(ctx context.Context, o engine.Order, f engine.Following) (engine.View, error) {
	defer r.gate.pass(ctx)()
	return r.Runner.Start(ctx, o, f)
}

func (r gatedRunner) Follow(ctx context.Context, run string, f engine.Following) (engine.View, error) {
	defer r.gate.pass(ctx)()
	return r.Runner.Follow(ctx, run, f)
}

func (r gatedRunner) Work(ctx context.Context, drain bool, watch engine.Watch) error {
	defer r.gate.pass(ctx)()
	return r.Runner.Work(ctx, drain, watch)
}

// Count implements engine.Counter.
func (r gatedRunner) Count(ctx context.Context) (engine.Counts, error) {
	return r.Runner.(engine.Counter).Count(ctx)
}
