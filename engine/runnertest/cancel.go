package runnertest

import (
	"slices"
	"time"

	"errand/engine"
	"errand/engine/task"
)

const cancellable = `
steps:
  - {id: act, task: probe.once}
  - {id: wait, task: stub.pure, with: {script: "again 1h, ok"}}
  - {id: never, task: probe.once}
finally:
  - {id: tidy, task: probe.evident}
`

// expectCancelled cancels a run that waits, and expects its steps afterwards.
func (b *bench) expectCancelled(steps string) {
	b.Helper()
	kim := engine.Person{Name: "Kim", EnteredBy: "Robin"}
	for _, by := range []engine.Person{kim, {Name: "Dana"}} { // the second Cancel changes nothing
		err := b.Open("Kim's process").Cancel(b.ctx, run, by)
		if b.goesOn && by.Name == "Dana" && err != nil { // the run has ended meanwhile
			b.expectRefusal(err, engine.RefusedEnded)
			break
		}
		b.must(err)
		if v := b.read(); !b.goesOn && (!v.Cancelling || v.CancelledBy.String() != kim.String() || v.Due.Before(v.Started) || v.Status == engine.Running) {
			b.Errorf("the run is %+v", v)
		}
	}
	if v := b.follow(engine.Cancelled, steps); v.Failure != nil || v.Cancelling || v.Ended.Sub(v.Started) >= time.Hour {
		b.Errorf("the run is %+v", v)
	}
	b.expectCancelledBy(kim)
	if r := b.expectRefusal(b.first.Cancel(b.ctx, run, kim), engine.RefusedEnded); r.Status != engine.Cancelled {
		b.Errorf("the status is %s", r.Status)
	}
}

// expectCancelledBy expects that a run, and the event that ends it, say who cancelled it.
func (b *bench) expectCancelledBy(by engine.Person) {
	b.Helper()
	if got := b.read().CancelledBy; got.String() != by.String() {
		b.Errorf("the run was cancelled by %q, want %q", got, by)
	}
	events, err := b.first.Events(b.ctx, run, engine.EventID{})
	b.must(err)
	if last := events[len(events)-1]; last.Kind != engine.EventRunEnded || last.By.String() != by.String() {
		b.Errorf("the last event is %q by %q, want by %q", last, last.By, by)
	}
}

// expectCancelling expects an uncertain run that is to be cancelled when a person has decided, and that
// whoever reads or lists it learns by whom.
func (b *bench) expectCancelling(by string) {
	b.Helper()
	views := []engine.View{b.read()}
	if !b.goesOn { // a list may lag behind there
		listed, err := b.first.List(b.ctx, engine.Query{Limit: 1})
		b.must(err)
		views = append(views, listed...)
	}
	for _, v := range views {
		if v.Status != engine.Uncertain || !v.Cancelling || v.CancelledBy.Name != by || b.called() != "act" {
			b.Errorf("before a person decides, the run is %+v; called: %s", v, b.called())
		}
	}
}

var cancelCases = []testCase{
	{"in a wait", func(b *bench) {
		v := b.startAndEnd(cancellable, nil)
		b.expect(v, nil, engine.Waiting, "act succeeded, wait running")
		b.expectCancelled("act succeeded, wait cancelled, tidy succeeded")
	}},
	{"after a person stopped it", func(b *bench) {
		v := b.startAndEnd(cancellable, engine.ErrStop)
		b.expect(v, nil, engine.Waiting, "act succeeded, wait running")
		b.expectCancelled("act succeeded, wait cancelled, tidy succeeded")
	}},
	{"at a question", func(b *bench) {
		b.start(approval, engine.Waiting, "ok waiting")
		b.expectCancelled("ok cancelled")
	}},
	{"in an uncertain step", func(b *bench) {
		b.answer = losing()
		b.start(cancellable, engine.Uncertain, "act uncertain")
		b.must(b.Open("Kim's process").Cancel(b.ctx, run, engine.Person{Name: "Kim"}))
		b.must(b.Open("a worker").Work(b.ctx, true, nil))
		b.expectCancelling("Kim")
		b.must(b.decide("act", engine.VerdictDone))
		b.follow(engine.Cancelled, "act succeeded, wait cancelled, tidy succeeded")
	}},
	{"in an uncertain step that is to be repeated", func(b *bench) {
		b.answer = losing()
		b.start(cancellable, engine.Uncertain, "act uncertain")
		b.must(b.first.Cancel(b.ctx, run, engine.Person{Name: "Kim"}))
		if v := b.follow(engine.Uncertain, "act uncertain"); !v.Cancelling || v.CancelledBy.Name != "Kim" {
			b.Errorf("whoever follows the run learns that it is %+v", v)
		}
		b.expectCancelling("Kim")
		b.must(b.decide("act", engine.VerdictRetry))
		b.follow(engine.Cancelled, "act cancelled, tidy succeeded")
		b.expectCancelledBy(engine.Person{Name: "Kim"})
	}},
	{"in an uncertain step that has failed", func(b *bench) {
		b.answer = losing()
		b.start(cancellable, engine.Uncertain, "act uncertain")
		b.must(b.first.Cancel(b.ctx, run, engine.Person{Name: "Kim"}))
		b.must(b.decide("act", engine.VerdictFail))
		b.follow(engine.Cancelled, "act failed, tidy succeeded")
	}},
	{"before the start", func(b *bench) {
		_, err := b.first.Accept(b.ctx, b.order(cancellable))
		b.must(err)
		b.expectCancelled("act cancelled, tidy succeeded")
		if b.called() != "tidy" {
			b.Errorf("called: %s", b.called())
		}
	}},
	{"beside a wait", func(b *bench) {
		v := b.startAndEnd(`
steps:
  - id: both
    parallel:
      one:
        - {id: act, task: probe.once}
        - {id: wait, task: stub.pure, with: {script: "again 1h, ok"}}
      two:
        - id: ok
          approval: {ask: "Go?", by: [operators]}
finally:
  - {id: tidy, task: probe.evident}
`, nil)
		b.expect(v, nil, engine.Waiting, "both running, act succeeded, wait running, ok waiting")
		b.expectCancelled("both cancelled, act succeeded, wait cancelled, ok cancelled, tidy succeeded")
	}},
	{"while a step acts", func(b *bench) {
		b.answer = func(c task.Call) error {
			if c.Step == "act" {
				b.must(b.Open("Kim's process").Cancel(b.ctx, run, engine.Person{Name: "Kim"}))
			}
			return nil
		}
		v := b.start(cancellable, engine.Cancelled, "act succeeded, wait cancelled, tidy succeeded")
		if v.CancelledBy.Name != "Kim" {
			b.Errorf("the process that works on the run says that %q cancelled it", v.CancelledBy)
		}
		b.expectCancelledBy(engine.Person{Name: "Kim"})
		if b.called() != "act tidy" {
			b.Errorf("called: %s", b.called())
		}
	}},
	{"a worker carries out the cancellation", func(b *bench) {
		b.start(approval, engine.Waiting, "ok waiting")
		b.must(b.first.Cancel(b.ctx, run, engine.Person{Name: "Kim"}))
		b.must(b.Open("a worker").Work(b.ctx, true, nil))
		b.expect(b.read(), nil, engine.Cancelled, "ok cancelled")
	}},
	{"again after a retry", func(b *bench) {
		b.start(approval, engine.Waiting, "ok waiting")
		b.expectCancelled("ok cancelled")
		b.must(b.retry("ok"))
		b.follow(engine.Waiting, "ok waiting")
		b.must(b.first.Cancel(b.ctx, run, engine.Person{Name: "Dana"}))
		b.follow(engine.Cancelled, "ok cancelled")
		b.expectCancelledBy(engine.Person{Name: "Dana"})
		events, err := b.first.Events(b.ctx, run, engine.EventID{})
		b.must(err)
		i := slices.IndexFunc(events, func(e engine.Event) bool { return e.Kind == engine.EventRunEnded })
		if by := events[i].By; by.Name != "Kim" || by.EnteredBy != "Robin" {
			b.Errorf("the first time it was cancelled by %q", by)
		}
	}},
	{"of a run that succeeded", func(b *bench) {
		b.start("steps:\n  - {id: act, task: probe.once}\n", engine.Succeeded, "act succeeded")
		if r := b.expectRefusal(b.first.Cancel(b.ctx, run, engine.Person{Name: "Kim"}), engine.RefusedEnded); r.Status != engine.Succeeded {
			b.Errorf("the status is %s", r.Status)
		}
	}},
}
