package runnertest

import (
	"context"
	"slices"
	"time"

	"errand/engine"
	"errand/engine/task"
)

const (
	approval = `
steps:
  - id: ok
    approval: {ask: "Go?", by: [operators, Robin]}
  - {id: act, task: probe.once, if: steps.ok.approved}
`
	approvalWithin = `
steps:
  - id: ok
    approval: {ask: "Go?", by: [operators], within: 1h}
  - {id: act, task: probe.once, if: steps.ok.approved}
`
	briefApproval = `
steps:
  - id: ok
    approval: {ask: "Go?", by: [operators], within: 2s}
  - {id: act, task: probe.once, if: steps.ok.approved}
`
	approvalBeside = `
steps:
  - id: both
    parallel:
      person:
        - id: ok
          approval: {ask: "Go?", by: [operators]}
      work:
        - {id: wait, task: stub.pure, with: {script: "again 2s, ok"}}
        - {id: act, task: probe.once}
        - id: ok2
          approval: {ask: "And now?", by: [operators], within: 2h}
`
	uncertain = `
steps:
  - {id: act, task: probe.once, with: {text: one}}
  - {id: next, task: probe.once, with: {text: "${{ steps.act.text }}."}}
`
)

var followCases = []testCase{
	{"a run that does not exist is refused", func(b *bench) {
		_, err := b.first.Follow(b.ctx, run, engine.Following{})
		b.expectRefusal(err, engine.RefusedNotFound)
		b.expectRefusal(b.decide("ok", engine.VerdictApprove), engine.RefusedNotFound)
		b.expectRefusal(b.first.Cancel(b.ctx, run, engine.Person{Name: "Kim"}), engine.RefusedNotFound)
		b.expectRefusal(b.retry(""), engine.RefusedNotFound)
		_, err = b.first.Read(b.ctx, run)
		b.expectRefusal(err, engine.RefusedNotFound)
		_, err = b.first.Events(b.ctx, run, engine.EventID{})
		b.expectRefusal(err, engine.RefusedNotFound)
		_, err = b.first.Record(b.ctx, run)
		b.expectRefusal(err, engine.RefusedNotFound)
	}},
	{"Follow waits until a due time", func(b *bench) {
		v := b.start("steps:\n  - {id: wait, task: stub.pure, with: {script: \"again 1s, ok\"}}\n  - {id: act, task: probe.once}\n", engine.Succeeded, "wait succeeded, act succeeded")
		if took := v.Ended.Sub(v.Started); !b.lasts(took, time.Second) {
			b.Errorf("it took %s", took)
		}
	}},
	{"Follow returns when a person is asked", func(b *bench) {
		for range 2 {
			v, err := b.first.Start(b.ctx, b.order(approval), engine.Following{})
			b.expect(v, err, engine.Waiting, "ok waiting")
			if !engine.WaitsForPerson(v.Waits) || v.Waits[0].Step != "ok" || !v.Due.IsZero() {
				b.Errorf("waits %+v, due %s", v.Waits, v.Due)
			}
		}
		if now := b.read(); !b.isAfter(now.Waits[0].Since, now.Started) {
			b.Errorf("it waits since %s, want since its start at %s", now.Waits[0].Since, now.Started)
		}
	}},
	{"Follow returns when a person is asked for a limited time", func(b *bench) {
		v := b.start(approvalWithin, engine.Waiting, "ok waiting")
		until := v.Started.Add(time.Hour)
		if !engine.WaitsForPerson(v.Waits) || v.Waits[0].Step != "ok" || !v.Waits[0].Due.Equal(until) || !v.Due.Equal(until) {
			b.Errorf("waits %+v, due %s", v.Waits, v.Due)
		}
		b.Pass(59 * time.Minute)
		b.follow(engine.Waiting, "ok waiting")
		b.Pass(time.Minute)
		b.follow(engine.Succeeded, "ok succeeded, act skipped")
	}},
	{"Follow goes on while a branch does not wait for a person", func(b *bench) {
		v := b.start(approvalBeside, engine.Waiting, "both running, ok waiting, wait succeeded, act succeeded, ok2 waiting")
		var steps []string
		for _, w := range v.Waits {
			if steps = append(steps, w.Step); w.For != engine.WaitPerson {
				b.Errorf("it waits for %+v", w)
			}
		}
		if !slices.Equal(steps, []string{"ok", "ok2"}) || !b.isAfter(v.Due, v.Started.Add(2*time.Hour+2*time.Second)) {
			b.Errorf("it waits at %v, due %s", steps, v.Due)
		}
	}},
	{"with Stay, Follow waits for the decision", func(b *bench) {
		b.After(2*time.Second, func() { b.must(b.decide("ok", engine.VerdictApprove)) })
		v, err := b.first.Start(b.ctx, b.order(approval), engine.Following{Stay: true})
		b.expect(v, err, engine.Succeeded, "ok succeeded, act succeeded")
		if took := v.Ended.Sub(v.Started); took+b.slack < 2*time.Second || took > 2*time.Second+time.Minute {
			b.Errorf("it took %s", took)
		}
	}},
	{"with Stay, Follow waits until the time for the decision has passed", func(b *bench) {
		v, err := b.first.Start(b.ctx, b.order(briefApproval), engine.Following{Stay: true})
		b.expect(v, err, engine.Succeeded, "ok succeeded, act skipped")
		if took := v.Ended.Sub(v.Started); !b.lasts(took, 2*time.Second) {
			b.Errorf("it took %s", took)
		}
	}},
	{"Follow returns when the outcome of a step is unknown", func(b *bench) {
		b.answer = losing()
		v := b.start(uncertain, engine.Uncertain, "act uncertain")
		if v.Failure == nil || v.Failure.Step != "act" || v.Failure.Code != task.CodeNoReply || !engine.WaitsForPerson(v.Waits) || v.Waits[0].Step != "act" || !v.Due.IsZero() {
			b.Errorf("the run is %+v", v)
		}
		b.rest(time.Hour)
		b.must(b.Open("a worker").Work(b.ctx, true, nil))
		b.follow(engine.Uncertain, "act uncertain")
		if b.called() != "act" {
			b.Errorf("called: %s", b.called())
		}
	}},
	{"only one process at a time works on a run", func(b *bench) {
		b.answer = func(task.Call) error {
			_, err := b.first.Follow(b.ctx, run, engine.Following{})
			b.expectRefusal(err, engine.RefusedBusy)
			other := b.Open("another process")
			_, err = other.Follow(b.ctx, run, engine.Following{})
			if r := b.expectRefusal(err, engine.RefusedHeld); r.Process != "the first process" {
				b.Errorf("the process is %q", r.Process)
			}
			if r := b.expectRefusal(b.retry(""), engine.RefusedNotEnded); r.Status != engine.Running {
				b.Errorf("the status is %s", r.Status)
			}
			if r := b.expectRefusal(b.decide("act", engine.VerdictDone), engine.RefusedNothing); r.Status != engine.Running {
				b.Errorf("the status is %s", r.Status)
			}
			if v := b.read(); v.Status != engine.Running || v.Process != "the first process" || len(v.Waits) != 0 || !v.Due.IsZero() {
				b.Errorf("it is read as %+v", v)
			}
			running, err := other.List(b.ctx, engine.Query{Status: engine.Running})
			if err != nil || len(running) != 1 || running[0].Process != "the first process" {
				b.Errorf("running are %+v, %v", running, err)
			}
			return nil
		}
		b.start("steps:\n  - {id: act, task: probe.once}\n", engine.Succeeded, "act succeeded")
	}},
	{"a run at work names the process that makes the call", func(b *bench) {
		b.answer = func(task.Call) error {
			if v := b.read(); v.Status != engine.Running || v.Process == "" || len(v.Waits) != 0 || !v.Due.IsZero() {
				b.Errorf("it is read as %+v", v)
			}
			return nil
		}
		v := b.start("steps:\n  - {id: act, task: probe.once}\n", engine.Succeeded, "act succeeded")
		if v.Process != "" {
			b.Errorf("after its end the run is held by %q", v.Process)
		}
	}},
	{"Follow goes on when another process is faster", func(b *bench) {
		ctx, end := context.WithCancel(b.ctx)
		worked, followed := make(chan error, 1), make(chan error, 1)
		got, v := watched{}, engine.View{}
		o := b.order(approval)
		b.answer = func(task.Call) error { time.Sleep(2 * time.Second); return nil }
		go func() { worked <- b.Open("a worker").Work(ctx, false, nil) }()
		go func() {
			var err error
			v, err = b.first.Start(ctx, o, engine.Following{Stay: true, Watch: got.watch})
			followed <- err
		}()
		b.await(func(v engine.View) bool { return len(v.Questions) == 1 })
		b.must(b.decide("ok", engine.VerdictApprove))
		err := <-followed
		b.expect(v, err, engine.Succeeded, "ok succeeded, act succeeded")
		end()
		b.must(<-worked)
		got.expectAll(b)
		if b.called() != "act" {
			b.Errorf("called: %s", b.called())
		}
	}},
	{"the watch receives each event once", func(b *bench) {
		got := watched{}
		_, err := b.first.Start(b.ctx, b.order(approvalBeside), engine.Following{Watch: got.watch})
		b.must(err)
		got.expectAll(b)
		b.must(b.decide("ok", engine.VerdictApprove))
		got = watched{} // another call starts from the beginning
		_, err = b.first.Follow(b.ctx, run, engine.Following{Watch: got.watch})
		b.must(err)
		got.expectAll(b)
		b.must(b.decide("ok2", engine.VerdictReject))
		_, err = b.first.Follow(b.ctx, run, engine.Following{})
		b.must(err)
		got = watched{} // also of a run that has ended
		_, err = b.Open("another").Follow(b.ctx, run, engine.Following{Watch: got.watch})
		b.must(err)
		got.expectAll(b)
	}},
}
