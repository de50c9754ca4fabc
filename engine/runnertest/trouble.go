package runnertest

import (
	"context"
	"slices"
	"strings"
	"time"

	"errand/engine"
	"errand/engine/task"
)

const troubled = `
steps:
  - {id: before, task: probe.once, undo: [{id: back, task: probe.once}]}
  - {id: act, task: probe.once, timeout: 1h, on_failure: [{id: instead, task: probe.once}]}
on_failure: [{id: tell, task: probe.once}]
finally: [{id: tidy, task: probe.once}]
`

const troubledBeside = `
steps:
  - id: both
    parallel:
      here:
        - {id: act, task: probe.evident}
      there:
        - {id: wait, task: stub.pure, with: {script: "again 2s, ok"}}
        - {id: other, task: probe.once}
`

// lacking returns answers for a machine that cannot make the calls of step act.
func lacking(code string) func(task.Call) error {
	return func(c task.Call) error {
		if c.Step == "act" {
			return &task.Failure{Code: code, Message: "the key is lost", Local: true}
		}
		return nil
	}
}

// expectTrouble expects that the run waits for a person to mend this machine, and for nothing else.
func (b *bench) expectTrouble(v engine.View, code engine.TroubleCode) {
	b.Helper()
	read, err := b.Open("a reader").Read(b.ctx, v.Run)
	b.must(err)
	for _, v := range []engine.View{v, read} {
		if len(v.Waits) != 1 || !v.Due.IsZero() || v.Process != "" || len(v.Questions) != 0 || v.Failure != nil {
			b.Fatalf("the run is %+v", v)
		}
		if w := v.Waits[0]; w.For != engine.WaitTrouble || w.Step != "act" || w.Reason != "the key is lost" || w.Trouble != code || w.Since.IsZero() {
			b.Errorf("it waits for %+v, want the trouble %s", w, code)
		}
	}
}

var troubleCases = []testCase{
	{"trouble on this machine fails no step and starts no handler", func(b *bench) {
		for i, test := range []struct {
			code string
			want engine.TroubleCode
		}{{task.CodeCredential, engine.TroubleCredential}, {task.CodeUnreachable, engine.TroubleMachine}} {
			b.calls, b.answer = nil, lacking(test.code)
			o := b.order(troubled)
			o.Run, o.Again = runID(i), true
			v, err := b.first.Start(b.ctx, o, engine.Following{})
			b.expect(v, err, engine.Waiting, "before succeeded, act running")
			b.expectTrouble(v, test.want)
			if b.called() != "before act" {
				b.Errorf("called: %s", b.called())
			}
		}
	}},
	{"a resumed run makes the call again, as if the trouble had taken no time", func(b *bench) {
		b.answer = lacking(task.CodeCredential)
		b.start(troubled, engine.Waiting, "before succeeded, act running")
		b.must(b.Open("a worker").Work(b.ctx, true, nil)) // it is not due by itself
		b.Pass(3 * time.Hour)
		v := b.follow(engine.Waiting, "before succeeded, act running") // still in trouble
		b.expectTrouble(v, engine.TroubleCredential)
		b.Pass(3 * time.Hour)
		b.answer = nil
		v = b.follow(engine.Succeeded, "before succeeded, act succeeded, tidy succeeded")
		if b.called() != "before act act act tidy" {
			b.Errorf("called: %s", b.called())
		}
		if v.Steps[1].Attempts != 1 {
			b.Errorf("the step had %d attempts, want 1", v.Steps[1].Attempts)
		}
		made := b.calls[1:4]
		for _, c := range made[1:] {
			if c.Attempt != 1 || c.Recover || c.Key() != made[0].Key() || c.Deadline.Sub(c.Now) != time.Hour || !c.Now.After(made[0].Now.Add(2*time.Hour)) {
				b.Errorf("the call was %+v, the first %+v", c, made[0])
			}
		}
		waits := 0
		for _, e := range b.events() {
			if e.Kind == engine.EventStepWaits && e.For == engine.WaitTrouble && e.Failure != nil && e.Failure.Local {
				waits++
			}
		}
		if waits != 2 {
			b.Errorf("%d events tell of trouble, want 2", waits)
		}
	}},
	{"trouble does not settle what an earlier attempt did", func(b *bench) {
		b.answer = func(c task.Call) error {
			if c.Step == "act" && c.Attempt == 1 {
				return &task.Failure{Code: task.CodeNoReply, Message: "no answer came", Transient: true, Unknown: true}
			}
			return lacking(task.CodeCredential)(c)
		}
		source := strings.Replace(troubled, "task: probe.once, timeout", "task: probe.evident, timeout", 1)
		b.start(source, engine.Waiting, "before succeeded, act running")
		b.answer = nil
		b.follow(engine.Succeeded, "before succeeded, act succeeded, tidy succeeded")
		i := slices.IndexFunc(b.calls, func(c task.Call) bool { return c.Step == "tidy" })
		if last := b.calls[i-1]; last.Step != "act" || !last.Recover || last.Attempt != 2 {
			b.Errorf("the last call was %+v, want one that looks first", last)
		}
	}},
	{"the other branches go on", func(b *bench) {
		b.answer = lacking(task.CodeCredential)
		v := b.start(troubledBeside, engine.Waiting, "both running, act running, wait succeeded, other succeeded")
		b.expectTrouble(v, engine.TroubleCredential)
		b.answer = nil
		b.follow(engine.Succeeded, "both succeeded, act succeeded, wait succeeded, other succeeded")
		if strings.Count(b.called(), "other") != 1 {
			b.Errorf("called: %s", b.called())
		}
	}},
	{"a run in trouble can be cancelled", func(b *bench) {
		b.answer = lacking(task.CodeCredential)
		b.start(troubled, engine.Waiting, "before succeeded, act running")
		b.must(b.first.Cancel(b.ctx, run, engine.Person{Name: "Kim"}))
		b.follow(engine.Cancelled, "before succeeded, act cancelled, back succeeded, tidy succeeded")
		if b.called() != "before act back tidy" {
			b.Errorf("called: %s", b.called())
		}
	}},
	{"a run in trouble can be stopped", func(b *bench) {
		b.answer = lacking(task.CodeCredential)
		b.start(troubled, engine.Waiting, "before succeeded, act running")
		ctx, stop := context.WithCancelCause(b.ctx)
		stop(engine.ErrStop)
		v, err := b.Open("another process").Follow(ctx, run, engine.Following{})
		b.expect(v, err, engine.Waiting, "before succeeded, act running")
		if !slices.ContainsFunc(v.Waits, func(w engine.Wait) bool { return w.For == engine.WaitTrouble && w.Step == "act" }) || !v.Due.IsZero() {
			b.Errorf("it waits for %+v, due %s", v.Waits, v.Due)
		}
		b.answer = nil
		b.follow(engine.Succeeded, "before succeeded, act succeeded, tidy succeeded")
	}},
	{"a run that was in trouble can be retried", func(b *bench) {
		b.answer = lacking(task.CodeCredential)
		b.start(troubledBeside, engine.Waiting, "both running, act running, wait succeeded, other succeeded")
		b.answer = failing("act")
		b.follow(engine.Failed, "both failed, act failed, wait succeeded, other succeeded")
		b.answer = nil
		b.must(b.retry("both"))
		b.follow(engine.Succeeded, "both succeeded, act succeeded, wait succeeded, other succeeded")
		if strings.Count(b.called(), "other") != 2 {
			b.Errorf("called: %s", b.called())
		}
	}},
}
