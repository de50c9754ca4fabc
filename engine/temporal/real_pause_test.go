//go:build unix

package temporal

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/sample"
	"errand/engine/task"
	"errand/engine/temporal/temporaltest"
)

// pause stops the process where it is; goOn lets it go on.
func (p *workerProcess) pause() { p.signal(syscall.SIGSTOP) }
func (p *workerProcess) goOn()  { p.signal(syscall.SIGCONT) }

func (p *workerProcess) signal(s syscall.Signal) {
	p.tb.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.tb.Fatal(err)
	}
}

// A worker is paused in calls: before the request, while it is under way and after it. Another worker
// finds out what came of them. When the first one goes on, it sends nothing, and its answers count no
// more.
func TestWorkerIsPausedInCalls(t *testing.T) {
	temporaltest.Need(t)
	t.Parallel()
	testPausedInCalls(t, shortLimits, shortEvidence)
}

// The same with the limits of real workers takes minutes.
func TestWorkerIsPausedForMinutes(t *testing.T) {
	temporaltest.Need(t)
	if sample.Size(0, 0, 1) == 0 {
		t.Skip("this test takes more than two minutes; run it with -long")
	}
	t.Parallel()
	testPausedInCalls(t, usualLimits, task.EvidenceDelay)
}

func testPausedInCalls(t *testing.T, l limits, evidence time.Duration) {
	b := newBench(t, temporaltest.Options{ShortestTimer: 250 * time.Millisecond})
	b.world.calm = true
	b.runner.limits, b.tries = l, 6000
	as := func(r *role) { r.Limits, r.Evidence = l.asMap(), evidence }
	one := b.worker("one", as)
	types, points := []string{"keyed", "evident", "converges", "once"}, []string{"before", "during", "after"}
	var runs []string
	for _, point := range points {
		for _, of := range types {
			runs = append(runs, b.start("paused", fmt.Sprintf(`
steps:
  - {id: act, task: world.%s, with: {%s: %s}}
  - {id: end, task: world.evident}
`, of, point, point)))
		}
		b.world.awaitAt(point, len(types))
	}
	one.pause()
	two := b.worker("two", as)
	for _, run := range runs {
		b.await(run, func(v engine.View) bool { return !v.Ended.IsZero() || v.Status == engine.Uncertain })
	}
	for _, point := range points {
		b.world.open(point)
	}
	one.goOn()
	for b.world.gaveUpOr() < len(types) {
		time.Sleep(50 * time.Millisecond)
	}
	two.stop()
	after := b.start("after", "steps: [{id: act, task: world.once}]")
	b.succeeds(after) // by the worker that was paused
	rest := b.people.work()
	for _, run := range runs {
		b.await(run, nil)
	}
	rest()
	uncertain := 0
	for i, run := range runs {
		v := b.await(run, nil)
		b.world.judge(v, b.people.decided())
		if types[i%len(types)] == "once" {
			uncertain++
			continue
		}
		if v.Status != engine.Succeeded {
			t.Errorf("the run of %s, paused %s its request, %s: %+v", types[i%len(types)], points[i/len(types)], v.Status, v.Failure)
		}
		events, err := b.runner.Events(t.Context(), run, engine.EventID{})
		if err != nil || !slices.ContainsFunc(events, func(e engine.Event) bool { return e.Kind == engine.EventStepInterrupted }) {
			t.Errorf("the run of %s, paused %s its request, was not interrupted; %v", types[i%len(types)], points[i/len(types)], err)
		}
	}
	b.wrong()
	if len(b.people.decided()) != uncertain {
		t.Errorf("people resolved %v", b.people.decided())
	}
	t.Logf("%d runs in %s; people resolved %v; the world: %+v", len(runs), time.Since(b.began).Round(time.Second), b.people.figures, b.world.counts)
}

// gaveUpOr returns how many tasks gave up their request, and at least a large number if something is
// wrong already.
func (w *world) gaveUpOr() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.wrong) > 0 {
		return 1 << 20
	}
	return w.counts.gaveUp
}

// Workers are paused again and again, at any point, for longer than the server waits for them.
func TestWorkersArePaused(t *testing.T) {
	temporaltest.Need(t)
	t.Parallel()
	b := newBench(t, temporaltest.Options{ShortestTimer: 250 * time.Millisecond})
	b.world.think = time.Second
	workers := []*workerProcess{b.worker("one", nil), b.worker("two", nil)}
	d := rand.New(rand.NewPCG(b.world.seed, 2))
	pauses := 0
	runs := sample.Size(20, 60, 500)
	b.startAll(runs, time.Duration(runs)*500*time.Millisecond)
	rest := b.people.work()
	for {
		open := b.open()
		if b.allOver(len(open)) {
			break
		}
		if len(open) < runs/20 && len(b.started) == cap(b.started) {
			time.Sleep(300 * time.Millisecond)
			continue
		}
		paused := workers[d.IntN(len(workers))]
		paused.pause()
		pauses++
		time.Sleep(shortLimits.silence/2 + time.Duration(d.Int64N(int64(2*shortLimits.silence))))
		paused.goOn()
		time.Sleep(time.Duration(d.Int64N(int64(time.Second))))
	}
	rest()
	b.judge(runs)
	if pauses < 3 {
		t.Errorf("only %d pauses", pauses)
	}
	t.Logf("%d pauses", pauses)
}
