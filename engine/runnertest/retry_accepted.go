package runnertest

import (
	"encoding/json"
	"time"

	"errand/engine"
	"errand/engine/task"
)

// A step whose change was accepted and that fails afterwards keeps the outputs that are known, is
// undone, and if it is retried it goes on reading. It acts again only if it was undone.
var acceptedCases = []testCase{
	{"it goes on reading", func(b *bench) {
		b.reads(refused)
		v := b.start(`
steps:
  - {id: act, task: probe.settling, with: {text: one}}
on_failure:
  - {id: tell, task: probe.evident, with: {text: "${{ steps.act?.text ?? \"none\" }}"}}
`, engine.Failed, "act failed, tell succeeded")
		if s := v.Steps[0]; !s.Accepted || s.Outputs["text"] != "known" || s.Outputs["success"] != false {
			b.Errorf("the step is %+v", s)
		}
		if got := string(b.calls[2].Input); got != `{"text":"known"}` {
			b.Errorf("the handler has %s", got)
		}
		b.reads(nil)
		b.must(b.retry(""))
		v = b.follow(engine.Succeeded, "act succeeded")
		if b.called() != "act act tell act" || !b.calls[3].Settled || b.calls[3].Note != "n" || b.calls[3].Key() != b.calls[0].Key() {
			b.Errorf("called: %s, with %+v", b.called(), b.calls)
		}
		if v.Steps[0].Accepted {
			b.Error("a step that succeeded is still called accepted")
		}
	}},
	{"it is undone, and acts again", func(b *bench) {
		b.reads(refused)
		b.start(`
steps:
  - {id: act, task: probe.settling, with: {text: one}, undo: [{id: back, task: probe.once, with: {text: "${{ steps.act.text ?? \"none\" }}"}}]}
`, engine.Failed, "act failed, back succeeded")
		if got := string(b.calls[2].Input); got != `{"text":"known"}` {
			b.Errorf("the undo has %s", got)
		}
		b.reads(nil)
		b.must(b.retry(""))
		b.follow(engine.Succeeded, "act succeeded")
		if b.called() != "act act back act act" || b.calls[3].Settled || b.calls[3].Key() == b.calls[0].Key() || b.calls[4].Key() != b.calls[3].Key() {
			b.Errorf("called: %s, with %+v", b.called(), b.calls)
		}
	}},
	{"it was cancelled beside a step that failed", func(b *bench) {
		b.answer = func(c task.Call) error {
			switch {
			case c.Step == "bad" && len(b.keysOf("bad")) == 1:
				return refused
			case c.Step == "act" && !c.Settled:
				return accepted(time.Hour)
			}
			return nil
		}
		b.start(`
steps:
  - id: both
    parallel:
      left: [{id: act, task: probe.settling, with: {text: one}}]
      right: [{id: w, task: stub.evident, with: {script: "again 1s, ok"}}, {id: bad, task: probe.evident}]
`, engine.Failed, "both failed, act cancelled, w succeeded, bad failed")
		b.must(b.retry(""))
		b.follow(engine.Succeeded, "both succeeded, act succeeded, w succeeded, bad succeeded")
		for _, c := range b.calls[1:] {
			if c.Step == "act" && !c.Settled {
				b.Errorf("the step acts again: %+v", c)
			}
		}
	}},
	{"with another request it acts", func(b *bench) {
		b.reads(refused)
		const source = "\nsteps:\n  - {id: act, task: probe.settling, with: {text: one}}\n"
		b.start(source, engine.Failed, "act failed")
		b.reads(nil)
		corrected := b.program("\nsteps:\n  - {id: act, task: probe.settling, with: {text: two}}\n")
		b.must(b.retryWith(engine.Retry{By: engine.Person{Name: "Kim"}, Program: corrected}))
		b.follow(engine.Succeeded, "act succeeded")
		if b.called() != "act act act act" || b.calls[2].Settled || b.calls[2].Key() == b.calls[0].Key() {
			b.Errorf("called: %s, with %+v", b.called(), b.calls)
		}
	}},
	{"an earlier attempt was not answered", func(b *bench) {
		b.answer = func(c task.Call) error {
			switch {
			case c.Settled:
				return refused
			case c.Attempt == 1:
				return &task.Failure{Code: task.CodeNoReply, Message: "no answer came", Transient: true, Unknown: true}
			}
			return accepted(0)
		}
		b.start("\nsteps:\n  - {id: act, task: probe.settling, with: {text: one}, retry: {attempts: 2}}\n", engine.Failed, "act failed")
		b.reads(nil)
		b.must(b.retry(""))
		b.follow(engine.Succeeded, "act succeeded")
		if b.called() != "act act act act" || !b.calls[3].Settled {
			b.Errorf("called: %s, with %+v", b.called(), b.calls)
		}
	}},
	{"a person says that it took effect", func(b *bench) {
		b.answer = func(c task.Call) error {
			if c.Settled {
				return refused
			}
			return &task.Failure{Code: task.CodeNoReply, Message: "no answer came", Unknown: true}
		}
		b.start("\nsteps:\n  - {id: act, task: probe.settling, with: {text: one}}\n", engine.Uncertain, "act uncertain")
		b.must(b.decide("act", engine.VerdictDone))
		b.follow(engine.Failed, "act failed")
		b.reads(nil)
		b.must(b.retry(""))
		b.follow(engine.Succeeded, "act succeeded")
		if b.called() != "act act act" || !b.calls[2].Settled {
			b.Errorf("called: %s, with %+v", b.called(), b.calls)
		}
	}},
}

// accepted is what probe.settling returns after its change.
func accepted(after time.Duration) error {
	return &task.Again{After: after, Settled: true, Note: "n", Output: json.RawMessage(`{"text":"known"}`)}
}

// reads makes probe.settling accept its change, and answer each read with an error, or nil.
func (b *bench) reads(err error) {
	b.answer = func(c task.Call) error {
		switch {
		case c.Type != "probe.settling":
			return nil
		case c.Settled:
			return err
		}
		return accepted(0)
	}
}
