package runnertest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"errand/engine"
)

// accept accepts n orders.
func (b *bench) accept(n int, source string) {
	b.Helper()
	for i := range n {
		o := b.order(source)
		o.Run, o.Request = runID(i), fmt.Sprintf("100-%d", i)
		_, err := b.first.Accept(b.ctx, o)
		b.must(err)
	}
}

var workCases = []testCase{
	{"drain carries on all runs until none is due by itself", func(b *bench) {
		b.accept(3, "steps:\n  - {id: wait, task: stub.pure, with: {script: \"again 1s, ok\"}}\n  - {id: act, task: probe.once}\n"+
			"  - id: ok\n    if: request.id == \"100-1\"\n    approval: {ask: \"Go?\", by: [operators]}\n")
		got := map[string]watched{}
		b.must(b.Open("a worker").Work(b.ctx, true, func(e engine.Event) {
			if got[e.Run] == nil {
				got[e.Run] = watched{}
			}
			got[e.Run].watch(e)
		}))
		if b.called() != "act act act" {
			b.Errorf("called: %s", b.called())
		}
		if !b.goesOn { // others carry runs on beside this worker
			got[run].expectAll(b)
		}
		for i, want := range []engine.Status{engine.Succeeded, engine.Waiting, engine.Succeeded} {
			v, err := b.first.Read(b.ctx, runID(i))
			if err != nil || v.Status != want || want == engine.Succeeded && !b.lasts(v.Ended.Sub(v.Started), time.Second) {
				b.Errorf("run %d is %s after %s (%v), want %s", i, v.Status, v.Ended.Sub(v.Started), err, want)
			}
		}
		if !b.goesOn && len(got) != 3 {
			b.Errorf("the watch received events of %d runs, want 3", len(got))
		}
	}},
	{"drain waits until the time for a decision has passed", func(b *bench) {
		b.accept(1, briefApproval)
		b.must(b.first.Work(b.ctx, true, nil))
		b.expect(b.read(), nil, engine.Succeeded, "ok succeeded, act skipped")
	}},
	{"drain with nothing to do", func(b *bench) {
		b.must(b.first.Work(b.ctx, true, nil))
		b.start(approval, engine.Waiting, "ok waiting")
		b.must(b.first.Work(b.ctx, true, nil))
		b.expect(b.read(), nil, engine.Waiting, "ok waiting")
	}},
	{"the watch receives each event once, also if the run waits meanwhile", func(b *bench) {
		ctx, end := context.WithCancel(b.ctx)
		got, done := watched{}, make(chan error, 1)
		ended := func(e engine.Event) {
			if got.watch(e); e.Kind == engine.EventRunEnded {
				end()
			}
		}
		go func() { done <- b.Open("a worker").Work(ctx, false, ended) }()
		b.settle()
		o := b.order(strings.Replace(approvalBeside, ", within: 2h", "", 1))
		_, err := b.first.Accept(b.ctx, o)
		b.must(err)
		b.await(func(v engine.View) bool { return len(v.Questions) == 2 })
		b.must(b.decide("ok", engine.VerdictApprove))
		b.await(func(v engine.View) bool { return len(v.Questions) == 1 })
		b.must(b.decide("ok2", engine.VerdictApprove))
		if err := <-done; err != nil {
			b.Fatal(err)
		}
		b.expect(b.read(), nil, engine.Succeeded, "both succeeded, ok succeeded, wait succeeded, act succeeded, ok2 succeeded")
		got.expectAll(b)
	}},
	{"the watch receives the events of a retry, if the run had ended before", func(b *bench) {
		b.answer = failing("two")
		b.start(threeSteps, engine.Failed, "one succeeded, two failed, tell succeeded")
		before := b.events()
		ctx, end := context.WithCancel(b.ctx)
		var got []engine.Event
		done := make(chan error, 1)
		ended := func(e engine.Event) {
			if got = append(got, e); e.Kind == engine.EventRunEnded {
				end()
			}
		}
		go func() { done <- b.Open("a worker").Work(ctx, false, ended) }()
		b.settle()
		b.rest(time.Hour)
		b.answer = nil
		b.must(b.retry(""))
		if err := <-done; err != nil {
			b.Fatal(err)
		}
		if want := kinds(b.expectGrown(before)[len(before):]); kinds(got) != want {
			b.Errorf("the watch received: %s\nwant:               %s", kinds(got), want)
		}
	}},
	{"the end of the context ends the work", func(b *bench) {
		ctx, end := context.WithCancel(b.ctx)
		end()
		b.accept(2, "steps:\n  - {id: act, task: probe.once}\n")
		b.must(b.first.Work(ctx, false, nil))
		if b.called() != "" {
			b.Errorf("called: %s", b.called())
		}
	}},
}

// await waits until the run is as expected: for a day at most, or as long as the slack if the clock cannot be
// moved.
func (b *bench) await(as func(engine.View) bool) {
	b.Helper()
	r := b.Open("an observer")
	var v engine.View
	var err error
	limit := 24 * time.Hour
	if b.goesOn {
		limit = b.slack
	}
	for began, pause := time.Now(), 10*time.Millisecond; time.Since(began) < limit; pause = min(2*pause, time.Minute) {
		b.settle()
		if v, err = r.Read(b.ctx, run); err == nil && v.Status != engine.Running && as(v) {
			return
		}
		b.Pass(pause)
	}
	b.Fatalf("the run is %+v, %v", v, err)
}
