package runnertest

import (
	"errors"
	"slices"

	"errand/engine"
	"errand/engine/task"
)

var decideCases = []testCase{
	{"a person approves or rejects", func(b *bench) {
		for i, test := range []struct {
			verdict engine.Verdict
			steps   string
		}{
			{engine.VerdictApprove, "ok succeeded, act succeeded"},
			{engine.VerdictReject, "ok succeeded, act skipped"},
		} {
			o := b.order(approval)
			o.Again = true
			o.Run = runID(i)
			v, err := b.first.Start(b.ctx, o, engine.Following{})
			b.expect(v, err, engine.Waiting, "ok waiting")
			kim := engine.Person{Name: "Kim", EnteredBy: "Robin", Groups: []string{"operators"}}
			b.must(b.Open("a person").Decide(b.ctx, o.Run, "ok", engine.Decision{Verdict: test.verdict, By: kim, Comment: "I asked"}))
			v, err = b.first.Follow(b.ctx, o.Run, engine.Following{})
			b.expect(v, err, engine.Succeeded, test.steps)
			if out := v.Steps[0].Outputs; out["by"] != "Kim" || out["comment"] != "I asked" || out["approved"] != (test.verdict == engine.VerdictApprove) {
				b.Errorf("the outputs are %v", out)
			}
			events, err := b.first.Events(b.ctx, o.Run, engine.EventID{})
			b.must(err)
			i := slices.IndexFunc(events, func(e engine.Event) bool { return e.Kind == engine.EventStepDecided })
			if i < 0 || events[i].Verdict != test.verdict || events[i].By.Name != "Kim" || events[i].By.EnteredBy != "Robin" {
				b.Errorf("the events: %v", events)
			}
		}
	}},
	{"only those who are asked may decide", func(b *bench) {
		b.start(approval, engine.Waiting, "ok waiting")
		decide := func(verdict engine.Verdict, name string, groups ...string) error {
			by := engine.Person{Name: name, Groups: groups}
			return b.first.Decide(b.ctx, run, "ok", engine.Decision{Verdict: verdict, By: by})
		}
		for _, verdict := range []engine.Verdict{engine.VerdictDone, engine.VerdictRetry, engine.VerdictFail, engine.VerdictExpired} {
			r := b.expectRefusal(decide(verdict, "Kim", "operators"), engine.RefusedVerdict)
			if r.Verdict != verdict || r.Step != "ok" || r.Question == nil || r.Question.Ask != "Go?" || r.Question.Failure != nil {
				b.Errorf("got %+v", r)
			}
		}
		r := b.expectRefusal(decide(engine.VerdictApprove, "Dana", "operators"), engine.RefusedRequester)
		if r.Person != "Dana" || r.Step != "ok" || r.Question == nil {
			b.Errorf("got %+v", r)
		}
		r = b.expectRefusal(decide(engine.VerdictApprove, "Kim", "guests"), engine.RefusedPerson)
		if r.Person != "Kim" || r.Step != "ok" || r.Question == nil || !slices.Equal(r.Question.By, []string{"operators", "Robin"}) {
			b.Errorf("got %+v", r)
		}
		b.expect(b.read(), nil, engine.Waiting, "ok waiting")
		b.must(decide(engine.VerdictApprove, "Robin"))
		b.follow(engine.Succeeded, "ok succeeded, act succeeded")
	}},
	{"the requester may decide if the definition allows it", func(b *bench) {
		b.start("steps:\n  - id: ok\n    approval: {ask: \"Go?\", by: [Dana], allow_requester: true}\n", engine.Waiting, "ok waiting")
		b.must(b.first.Decide(b.ctx, run, "ok", engine.Decision{Verdict: engine.VerdictApprove, By: engine.Person{Name: "Dana"}}))
		b.follow(engine.Succeeded, "ok succeeded")
	}},
	{"a question is answered once", func(b *bench) {
		b.start(approval, engine.Waiting, "ok waiting")
		b.must(b.decide("ok", engine.VerdictApprove))
		if v := b.read(); len(v.Questions) != 0 || !b.isDue(v) {
			b.Errorf("the run is %+v", v)
		}
		r := b.expectRefusal(b.decide("ok", engine.VerdictReject), engine.RefusedDecided)
		if r.Step != "ok" || r.Decision == nil || r.Decision.By.Name != "Kim" || r.Decision.Verdict != engine.VerdictApprove {
			b.Errorf("got %+v", r)
		}
		b.follow(engine.Succeeded, "ok succeeded, act succeeded")
		r = b.expectRefusal(b.decide("act", engine.VerdictDone), engine.RefusedNothing)
		if r.Status != engine.Succeeded {
			b.Errorf("got %+v", r)
		}
	}},
	{"nobody may decide after the time for the decision, even if no process works", func(b *bench) {
		b.start(briefApproval, engine.Waiting, "ok waiting")
		other := b.order("steps:\n  - {id: wait, task: stub.pure, with: {script: \"again 3s, ok\"}}\n")
		other.Run, other.Request = "testrun000000001", "100-292"
		_, err := b.first.Start(b.ctx, other, engine.Following{}) // three seconds pass
		b.must(err)
		r := b.expectRefusal(b.decide("ok", engine.VerdictApprove), engine.RefusedLate)
		if r.Step != "ok" || r.Question == nil || r.Question.Until.IsZero() {
			b.Errorf("got %+v", r)
		}
		b.follow(engine.Succeeded, "ok succeeded, act skipped")
	}},
	{"several questions are answered one by one", func(b *bench) {
		b.start(approvalBeside, engine.Waiting, "both running, ok waiting, wait succeeded, act succeeded, ok2 waiting")
		r := b.expectRefusal(b.decide("act", engine.VerdictApprove), engine.RefusedNotAsked)
		if !slices.Equal(r.Steps, []string{"ok", "ok2"}) || r.Step != "act" || r.Question == nil || r.Question.Step != "ok" {
			b.Errorf("got %+v", r)
		}
		b.must(b.decide("ok2", engine.VerdictApprove))
		r = b.expectRefusal(b.decide("ok2", engine.VerdictReject), engine.RefusedDecided)
		if r.Step != "ok2" || r.Decision == nil || r.Decision.Verdict != engine.VerdictApprove {
			b.Errorf("got %+v", r)
		}
		b.must(b.decide("ok", engine.VerdictApprove))
		b.follow(engine.Succeeded, "both succeeded, ok succeeded, wait succeeded, act succeeded, ok2 succeeded")
	}},
	{"a person says whether a step took effect", func(b *bench) {
		for i, test := range []struct {
			verdict engine.Verdict
			status  engine.Status
			steps   string
			called  string
		}{
			{engine.VerdictDone, engine.Succeeded, "act succeeded, next succeeded", "act next"},
			{engine.VerdictRetry, engine.Succeeded, "act succeeded, next succeeded", "act act next"},
			{engine.VerdictFail, engine.Failed, "act failed", "act"},
		} {
			b.calls, b.answer = nil, losing()
			o := b.order(uncertain)
			o.Run, o.Again = runID(i), true
			v, err := b.first.Start(b.ctx, o, engine.Following{})
			b.expect(v, err, engine.Uncertain, "act uncertain")
			err = b.first.Decide(b.ctx, o.Run, "act", engine.Decision{Verdict: engine.VerdictApprove, By: engine.Person{Name: "Kim"}})
			if r, ok := errors.AsType[*engine.Refusal](err); !ok || r.Code != engine.RefusedVerdict || r.Question == nil || r.Question.Failure == nil || r.Error() == "" {
				b.Errorf("got %v", err)
			}
			err = b.first.Decide(b.ctx, o.Run, "next", engine.Decision{Verdict: test.verdict, By: engine.Person{Name: "Kim"}})
			if r, ok := errors.AsType[*engine.Refusal](err); !ok || r.Code != engine.RefusedNotAsked || !slices.Equal(r.Steps, []string{"act"}) {
				b.Errorf("got %v", err)
			}
			b.must(b.first.Decide(b.ctx, o.Run, "act", engine.Decision{Verdict: test.verdict, By: engine.Person{Name: "Kim"}}))
			v, err = b.Open("another").Follow(b.ctx, o.Run, engine.Following{})
			b.expect(v, err, test.status, test.steps)
			if b.called() != test.called {
				b.Errorf("%s: called: %s", test.verdict, b.called())
			}
		}
	}},
	{"a decision does not disturb a branch that acts", func(b *bench) {
		b.answer = func(c task.Call) error { // another branch has asked the person
			b.must(b.decide("ok", engine.VerdictApprove))
			b.expectRefusal(b.decide("ok", engine.VerdictReject), engine.RefusedDecided)
			return nil
		}
		_, err := b.first.Start(b.ctx, b.order(approvalBeside), engine.Following{})
		b.must(err)
		b.follow(engine.Waiting, "both running, ok succeeded, wait succeeded, act succeeded, ok2 waiting")
		if b.called() != "act" {
			b.Errorf("called: %s", b.called())
		}
	}},
}
