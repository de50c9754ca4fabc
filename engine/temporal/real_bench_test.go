package temporal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/program"
	"errand/engine/temporal/temporaltest"
)

// A bench is an installation with a world and runs that act on it.
type bench struct {
	testing.TB
	at      *installation
	world   *world
	runner  *Runner // of the test: it starts and reads runs, and is no worker
	people  *people
	began   time.Time
	started chan error
	runs    int
	tries   int  // how often await reads a run
	none    bool // no run was open
}

const benchQueue = "bench"

func newBench(t *testing.T, o temporaltest.Options) *bench {
	t.Helper()
	w := newWorld(t, uint64(time.Now().UnixNano()))
	t.Logf("the seed of the world is %d", w.seed)
	at := install(t, o)
	r := at.runner(t, benchQueue, (&visitor{}).registry(""))
	r.limits = shortLimits
	return &bench{TB: t, at: at, world: w, runner: r, people: newPeople(t, r, w), began: time.Now(), tries: 900}
}

// start starts a run of a definition, and returns its id.
func (b *bench) start(name, source string) string {
	b.Helper()
	b.runs++
	run := fmt.Sprintf("%016d", b.runs)
	if err := b.accept(b.Context(), run, "SR-"+run, compileNamed(b, b.runner.Registry, name, source)); err != nil {
		b.Fatal(err)
	}
	return run
}

// await waits until a run has ended, or is as the test wants it.
func (b *bench) await(run string, is func(engine.View) bool) engine.View {
	b.Helper()
	for try := 0; ; try++ {
		v, err := b.runner.Read(b.Context(), run)
		if _, trouble := errors.AsType[*engine.Trouble](err); err != nil && !trouble {
			b.Fatal(err)
		}
		if err == nil && (is == nil && !v.Ended.IsZero() || is != nil && is(v)) {
			return v
		}
		if err == nil && !v.Ended.IsZero() {
			b.Fatalf("run %s %s: %+v", run, v.Status, v.Failure)
		}
		if try == b.tries {
			b.Fatalf("run %s is %s, waits for %v, trouble %v; %v", run, v.Status, v.Waits, v.Trouble, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// succeeds waits until a run has succeeded, and holds it against the world.
func (b *bench) succeeds(run string) engine.View {
	b.Helper()
	v := b.await(run, nil)
	if v.Status != engine.Succeeded {
		b.Errorf("run %s of %s %s: %+v", run, v.Workflow, v.Status, v.Failure)
	}
	b.world.late.Wait()
	b.world.judge(v, b.people.decided())
	b.wrong()
	return v
}

// wrong reports what the world has found wrong.
func (b *bench) wrong() {
	b.Helper()
	b.world.mu.Lock()
	defer b.world.mu.Unlock()
	for _, wrong := range b.world.wrong {
		b.Error(wrong)
	}
	b.world.wrong = nil
}

func (b *bench) worker(name string, change func(*role)) *workerProcess {
	b.Helper()
	return b.at.worker(b.TB, benchQueue, b.world, func(as *role) {
		as.About = "worker " + name
		if change != nil {
			change(as)
		}
	})
}

// startAll starts runs of all definitions, one after the other within a time, while the test goes on.
func (b *bench) startAll(runs int, within time.Duration) {
	b.Helper()
	names := slices.Sorted(maps.Keys(workload))
	programs := make([]*program.Program, len(names))
	for i, name := range names {
		programs[i] = compileNamed(b, b.runner.Registry, name, workload[name])
	}
	b.started = make(chan error, runs)
	ctx := context.WithoutCancel(b.Context())
	go func() {
		for i := range runs {
			b.started <- b.accept(ctx, fmt.Sprintf("%016d", i), fmt.Sprintf("SR-%d", i), programs[i%len(programs)])
			time.Sleep(within / time.Duration(runs))
		}
	}()
}

// accept starts a run. While the server is away it is tried again, as a desk does.
func (b *bench) accept(ctx context.Context, run, request string, p *program.Program) error {
	for try := 0; ; try++ {
		_, err := b.runner.Accept(ctx, engine.Order{Run: run, Request: request, Inputs: map[string]any{}, Program: p})
		if err == nil || try == 100 {
			return err
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// allOver reports whether all runs have started and none was open this time and the last: a list may
// show a new run only after moments.
func (b *bench) allOver(open int) bool {
	before := b.none
	b.none = open == 0 && len(b.started) == cap(b.started)
	return before && b.none
}

// open returns the runs that have not ended. While the server does not say, there is one without an id.
func (b *bench) open() []engine.View {
	open, err := b.runner.List(b.Context(), engine.Query{Open: true, Brief: true})
	if err != nil {
		return []engine.View{{}}
	}
	return open
}

// judge holds all runs against the world.
func (b *bench) judge(runs int) {
	b.Helper()
	b.world.late.Wait()
	ended := map[engine.Status]int{}
	interrupted := 0
	for i := range runs {
		if err := <-b.started; err != nil {
			b.Error(err)
			continue
		}
		run := fmt.Sprintf("%016d", i)
		v, err := b.runner.Read(b.Context(), run)
		if err != nil || v.Ended.IsZero() {
			b.Errorf("run %s of %s: %v, status %s, waits %v", run, v.Workflow, err, v.Status, v.Waits)
			continue
		}
		ended[v.Status]++
		b.world.judge(v, b.people.decided())
		events, err := b.runner.Events(b.Context(), run, engine.EventID{})
		if err != nil {
			b.Error(err)
		}
		for _, e := range events {
			if e.Kind == engine.EventStepInterrupted {
				interrupted++
			}
		}
	}
	b.wrong()
	b.Logf("%d runs in %s: %v; %d calls were interrupted, people resolved %v; the world: %+v",
		runs, time.Since(b.began).Round(time.Second), ended, interrupted, b.people.figures, b.world.counts)
}
