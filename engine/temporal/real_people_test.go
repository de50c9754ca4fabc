package temporal

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/task"
)

// people resolve uncertain steps by what is true in the world.
type people struct {
	testing.TB
	runner *Runner
	world  *world
	retry  bool // no step is taken as failed

	mu       sync.Mutex
	resolved map[stepOfRun]engine.Verdict
	figures  map[engine.Verdict]int
}

func newPeople(tb testing.TB, r *Runner, w *world) *people {
	return &people{TB: tb, runner: r, world: w, resolved: map[stepOfRun]engine.Verdict{}, figures: map[engine.Verdict]int{}}
}

// work makes the people decide until the returned function is called.
func (p *people) work() (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(p.Context()))
	over := make(chan struct{})
	go func() {
		defer close(over)
		for ctx.Err() == nil {
			p.care(ctx)
			task.Wait(ctx, 300*time.Millisecond)
		}
	}()
	return func() {
		cancel()
		<-over
	}
}

// care resolves what can be resolved now.
func (p *people) care(ctx context.Context) {
	p.Helper()
	waiting, err := p.runner.List(ctx, engine.Query{WaitsFor: engine.WaitPerson, Open: true, Brief: true})
	if !p.calm(err) {
		return
	}
	for _, v := range waiting {
		v, err := p.runner.Read(ctx, v.Run)
		if !p.calm(err) {
			return
		}
		for _, q := range v.Questions {
			p.resolve(ctx, v, q)
		}
	}
}

// calm reports whether there is no error. Trouble with workers that were killed is none of the test.
func (p *people) calm(err error) bool {
	p.Helper()
	if _, trouble := errors.AsType[*engine.Trouble](err); err != nil && !trouble && !errors.Is(err, context.Canceled) {
		p.Error(err)
	}
	return err == nil
}

// resolve decides about one step. A person waits until nothing can happen any more.
func (p *people) resolve(ctx context.Context, v engine.View, q engine.Open) {
	p.Helper()
	at := stepOfRun{v.Run, q.Step}
	waits := func(w engine.Wait) bool {
		return w.Step == q.Step && time.Since(w.Since) > p.world.delay+shortLimits.unheard
	}
	if !slices.ContainsFunc(v.Waits, waits) {
		return
	}
	if !p.world.mayBeUncertain(v, q) {
		p.Errorf("run %s is uncertain at %s: %+v", v.Run, q.Step, q.Failure)
	}
	verdict := engine.VerdictDone
	if !p.world.did(v.Run, q.Step) {
		if verdict = engine.VerdictRetry; !p.retry && len(p.decided())%2 == 1 {
			verdict = engine.VerdictFail
		}
	}
	err := p.runner.Decide(ctx, v.Run, q.Step, engine.Decision{Verdict: verdict, By: engine.Person{Name: "Kim"}})
	if _, refused := errors.AsType[*engine.Refusal](err); refused || !p.calm(err) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.resolved[at] = verdict
	p.figures[verdict]++
}

// decided returns what was decided last about each step.
func (p *people) decided() map[stepOfRun]engine.Verdict {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.resolved)
}
