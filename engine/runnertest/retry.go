package runnertest

import (
	"errors"
	"slices"
	"strings"
	"time"

	"errand/engine"
)

const threeSteps = `
timeout: 10m
steps:
  - {id: one, task: probe.evident, with: {text: one}}
  - {id: two, task: probe.evident, with: {text: "${{ steps.one.text }} two"}}
  - {id: three, task: probe.evident, with: {text: "${{ steps.two.text }} three"}}
on_failure:
  - {id: tell, task: probe.evident, with: {text: "${{ failure.message }}"}}
outputs:
  text: ${{ steps.three.text }}
`

const refusing = `
steps:
  - {id: one, task: probe.evident, with: {text: one}}
  - id: inner
    steps:
      - {id: refuse, if: steps.one.text == "one", fail: It is not wanted.}
  - {id: two, task: probe.evident, with: {text: two}}
`

var retryCases = []testCase{
	{"from the step that failed", func(b *bench) {
		b.answer = failing("two")
		b.start(threeSteps, engine.Failed, "one succeeded, two failed, tell succeeded")
		b.Pass(48 * time.Hour) // the time-out does not include this time
		b.must(b.retry(""))
		v := b.read()
		b.expect(v, nil, engine.Waiting, "one succeeded, two running")
		if v.Due.IsZero() || !v.Ended.IsZero() || len(v.Waits) != 1 || v.Waits[0].For != engine.WaitProcess {
			b.Errorf("the run is %+v", v)
		}
		b.follow(engine.Failed, "one succeeded, two failed, tell succeeded")
		b.must(b.retry("two"))
		b.answer = nil
		v = b.follow(engine.Succeeded, "one succeeded, two succeeded, three succeeded")
		if v.Outputs["text"] != "one two three" {
			b.Errorf("the outputs are %v", v.Outputs)
		}
		if b.called() != "one two tell two tell two three" {
			b.Errorf("called: %s", b.called())
		}
		if b.calls[1].Key() == b.calls[3].Key() || b.calls[3].Key() == b.calls[5].Key() {
			b.Error("the retry of a step that had no effect has the key of the refused request")
		}
	}},
	{"from an earlier step", func(b *bench) {
		b.answer = failing("three")
		b.start(threeSteps, engine.Failed, "one succeeded, two succeeded, three failed, tell succeeded")
		b.must(b.retry("two"))
		b.answer = nil
		b.follow(engine.Succeeded, "one succeeded, two succeeded, three succeeded")
		if b.called() != "one two three tell two three" {
			b.Errorf("called: %s", b.called())
		}
		if two := b.calls[4]; !two.Recover || two.Key() != b.calls[1].Key() {
			b.Errorf("a step that took effect is called again with %+v", two)
		}
		if three := b.calls[5]; three.Recover || three.Key() == b.calls[2].Key() {
			b.Errorf("a step that had no effect is called again with %+v", three)
		}
	}},
	{"of a run that was cancelled", func(b *bench) {
		b.startAndEnd(cancellable, nil)
		b.expectCancelled("act succeeded, wait cancelled, tidy succeeded")
		b.must(b.retry(""))
		if v := b.read(); v.Cancelling {
			b.Error("the run is still to be cancelled")
		}
		b.follow(engine.Succeeded, "act succeeded, wait succeeded, never succeeded, tidy succeeded")
		if b.called() != "act tidy never tidy" {
			b.Errorf("called: %s", b.called())
		}
	}},
	{"a worker carries out the retry", func(b *bench) {
		b.answer = failing("two")
		b.start(threeSteps, engine.Failed, "one succeeded, two failed, tell succeeded")
		b.must(b.retry(""))
		b.answer = nil
		b.must(b.Open("a worker").Work(b.ctx, true, nil))
		b.expect(b.read(), nil, engine.Succeeded, "one succeeded, two succeeded, three succeeded")
	}},
	{"after branches", func(b *bench) {
		b.answer = failing("last")
		b.start(`
steps:
  - id: both
    parallel:
      left:
        - {id: l, task: probe.evident, with: {text: l}}
      right:
        - {id: r1, task: stub.evident, with: {script: "again 1s, ok"}}
        - {id: r2, task: probe.evident, with: {text: r}}
  - {id: last, task: probe.evident, with: {text: "${{ steps.l.text }}${{ steps.r2.text }}"}}
`, engine.Failed, "both succeeded, l succeeded, r1 succeeded, r2 succeeded, last failed")
		b.must(b.retry(""))
		b.answer = nil
		b.follow(engine.Succeeded, "both succeeded, l succeeded, r1 succeeded, r2 succeeded, last succeeded")
		if b.called() != "l r2 last last" {
			b.Errorf("called: %s", b.called())
		}
	}},
	{"of a run that did not fail", func(b *bench) {
		b.start(approval, engine.Waiting, "ok waiting")
		if r := b.expectRefusal(b.retry(""), engine.RefusedNotEnded); r.Status != engine.Waiting {
			b.Errorf("the status is %s", r.Status)
		}
		b.must(b.decide("ok", engine.VerdictApprove))
		b.follow(engine.Succeeded, "ok succeeded, act succeeded")
		if r := b.expectRefusal(b.retry(""), engine.RefusedSucceeded); r.Status != engine.Succeeded {
			b.Errorf("the status is %s", r.Status)
		}
	}},
	{"from a step that the run did not reach", func(b *bench) {
		b.answer = failing("two")
		b.start(threeSteps, engine.Failed, "one succeeded, two failed, tell succeeded")
		for _, from := range []string{"three", "tell", "nothing"} {
			r := b.expectRefusal(b.retry(from), engine.RefusedStep)
			if r.Step != from || !slices.Equal(r.Steps, []string{"one", "two"}) {
				b.Errorf("got %+v", r)
			}
		}
		b.expect(b.read(), nil, engine.Failed, "one succeeded, two failed, tell succeeded")
	}},
	{"from a fail", func(b *bench) {
		b.start(refusing, engine.Failed, "one succeeded, inner failed, refuse failed")
		for _, from := range []string{"", "refuse"} {
			r := b.expectRefusal(b.retry(from), engine.RefusedFail)
			if r.Step != "refuse" || !slices.Equal(r.Steps, []string{"one", "inner"}) {
				b.Errorf("got %+v", r)
			}
		}
		b.must(b.retry("one"))
		b.follow(engine.Failed, "one succeeded, inner failed, refuse failed")
		corrected := b.program(strings.Replace(refusing, `== "one"`, `!= "one"`, 1))
		b.must(b.retryWith(engine.Retry{By: engine.Person{Name: "Kim"}, Program: corrected}))
		b.follow(engine.Succeeded, "one succeeded, inner succeeded, refuse skipped, two succeeded")
	}},
	{"with a corrected definition", func(b *bench) {
		for i, test := range []struct {
			name, old, new string
			fits           bool
		}{
			{"the failed step is corrected", "}} two", "}} corrected", true},
			{"a step is new before the failed one", "  - {id: two", "  - {id: pure, task: stub.pure}\n  - {id: two", true},
			{"a step is new after the failed one", "  - {id: three", "  - {id: more, task: probe.evident}\n  - {id: three", true},
			{"a step that is kept has another input", "text: one", "text: eins", false},
			{"a step is new among those that are kept", "steps:", "steps:\n  - {id: zero, task: probe.evident}", false},
			{"a step that is kept has another task", "one, task: probe.evident", "one, task: stub.pure", false},
			{"a step that is kept has another name", "{id: one,", "{id: one, name: First,", false},
			{"the failed step is gone", "  - {id: two, task: probe.evident, with: {text: \"${{ steps.one.text }} two\"}}\n  - {id: three, task: probe.evident, with: {text: \"${{ steps.two.text }} three\"}}",
				"  - {id: three, task: probe.evident, with: {text: \"${{ steps.one.text }} three\"}}", false},
		} {
			b.calls, b.answer = nil, failing("two")
			o := b.order(threeSteps)
			o.Run, o.Again = "testrun00000000"+string(rune('a'+i)), true
			v, err := b.first.Start(b.ctx, o, engine.Following{})
			b.expect(v, err, engine.Failed, "one succeeded, two failed, tell succeeded")
			if !strings.Contains(threeSteps, test.old) {
				b.Fatalf("%s: the case changes nothing", test.name)
			}
			p := b.program(strings.Replace(threeSteps, test.old, test.new, 1))
			err = b.first.Retry(b.ctx, o.Run, engine.Retry{By: engine.Person{Name: "Kim"}, Program: p})
			b.answer = nil
			if !test.fits {
				if r, ok := errors.AsType[*engine.Refusal](err); !ok || r.Code != engine.RefusedDefinition || r.Run != o.Run || r.Step == "" || r.Reason == "" {
					b.Errorf("%s: got %v", test.name, err)
				}
				v, err := b.Open("another").Follow(b.ctx, o.Run, engine.Following{})
				b.expect(v, err, engine.Failed, "one succeeded, two failed, tell succeeded")
				continue
			}
			if err != nil {
				b.Errorf("%s: %v", test.name, err)
				continue
			}
			v, err = b.Open("another").Follow(b.ctx, o.Run, engine.Following{})
			if err != nil || v.Status != engine.Succeeded || !strings.HasPrefix(b.called(), "one two tell two") {
				b.Errorf("%s: %s, %v; called: %s", test.name, v.Status, err, b.called())
			}
			if read, err := b.first.Read(b.ctx, o.Run); err != nil || string(read.Definition) != string(p.Source) {
				b.Errorf("%s: the run has the definition\n%s%v", test.name, read.Definition, err)
			}
		}
	}},
	{"of a step whose outcome is unknown", func(b *bench) {
		b.answer = losing()
		b.start(uncertain, engine.Uncertain, "act uncertain")
		b.expectRefusal(b.retry(""), engine.RefusedNotEnded)
		b.must(b.first.Cancel(b.ctx, run, engine.Person{Name: "Kim"}))
		b.must(b.decide("act", engine.VerdictDone))
		b.follow(engine.Cancelled, "act succeeded, next cancelled")
		b.must(b.retry(""))
		b.follow(engine.Succeeded, "act succeeded, next succeeded")
		if b.called() != "act next" {
			b.Errorf("called: %s", b.called())
		}
	}},
}
