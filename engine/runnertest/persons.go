package runnertest

import (
	"slices"

	"errand/engine"
	"errand/engine/task"
)

var personCases = []testCase{
	{"a requester approves under no name", func(b *bench) {
		b.start(approval, engine.Waiting, "ok waiting")
		for _, by := range []engine.Person{
			{Name: "Dana"},
			{Name: " dANA\t"},
			{Name: "\uff24ana"},  // a full-width D
			{Name: "Da\u200bna"}, // an invisible character
			{Name: "Dana\u00a0"}, // a blank that does not break a line
			{Name: "Dana", EnteredBy: "Kim"},
			{Name: "Kim", EnteredBy: "Dana"},
			{Name: "Robin", EnteredBy: "DANA "},
		} {
			by.Groups = []string{"operators"}
			r := b.expectRefusal(b.first.Decide(b.ctx, run, "ok", engine.Decision{Verdict: engine.VerdictApprove, By: by}), engine.RefusedRequester)
			if !engine.SameName(r.Person, "Dana") {
				b.Errorf("%q: the refusal names %q", by, r.Person)
			}
		}
		b.expect(b.read(), nil, engine.Waiting, "ok waiting")
	}},
	{"nobody for whom the run is approves", func(b *bench) {
		o := b.order(approval)
		o.Requesters = []string{"Robin", "Amira"}
		_, err := b.first.Start(b.ctx, o, engine.Following{})
		b.must(err)
		for _, by := range []engine.Person{{Name: "robin"}, {Name: "Kim", EnteredBy: "AMIRA"}, {Name: "Dana"}} {
			by.Groups = []string{"operators"}
			b.expectRefusal(b.first.Decide(b.ctx, run, "ok", engine.Decision{Verdict: engine.VerdictApprove, By: by}), engine.RefusedRequester)
		}
		if got := b.read().Requesters; !slices.Equal(got, o.Requesters) {
			b.Errorf("the run is for %q", got)
		}
		b.must(b.first.Decide(b.ctx, run, "ok", engine.Decision{Verdict: engine.VerdictApprove, By: engine.Person{Name: "Kim", Groups: []string{"operators"}}}))
	}},
	{"nobody is no person", func(b *bench) {
		b.start(approval, engine.Waiting, "ok waiting")
		for _, name := range []string{"", " ", "\u200b"} {
			by := engine.Person{Name: name, Groups: []string{"operators"}}
			b.expectRefusal(b.first.Decide(b.ctx, run, "ok", engine.Decision{Verdict: engine.VerdictApprove, By: by}), engine.RefusedPerson)
		}
	}},
	{"a name in by is found in every spelling", func(b *bench) {
		for i, by := range []engine.Person{{Name: "robin "}, {Name: "\uff32obin"}, {Name: "Kim", Groups: []string{"OPERATORS"}}} {
			o := b.order(approval)
			o.Run, o.Again = runID(i), true
			_, err := b.first.Start(b.ctx, o, engine.Following{})
			b.must(err)
			b.must(b.first.Decide(b.ctx, o.Run, "ok", engine.Decision{Verdict: engine.VerdictApprove, By: by}))
		}
	}},
	{"a step shows all decisions on it", func(b *bench) {
		b.answer = func(c task.Call) error { // two answers are lost
			if c.Step == "act" && b.count() <= 2 {
				return &task.Failure{Code: task.CodeNoReply, Message: "no answer came", Transient: true, Unknown: true}
			}
			return nil
		}
		b.start(uncertain, engine.Uncertain, "act uncertain")
		kim := engine.Person{Name: "Kim", EnteredBy: "Robin", Groups: []string{"operators"}}
		want := []engine.Decided{
			{Verdict: engine.VerdictRetry, By: kim.Recorded(), Comment: "no trace of it"}, {Verdict: engine.VerdictDone, By: engine.Person{Name: "Dana"}},
		}
		b.must(b.first.Decide(b.ctx, run, "act", engine.Decision{Verdict: want[0].Verdict, By: kim, Comment: want[0].Comment}))
		b.expectDecisions(b.follow(engine.Uncertain, "act uncertain"), want[:1])
		b.must(b.first.Decide(b.ctx, run, "act", engine.Decision{Verdict: want[1].Verdict, By: want[1].By}))
		b.follow(engine.Succeeded, "act succeeded, next succeeded")
		b.expectDecisions(b.read(), want)
	}},
	{"whoever decides second is told who decided what", func(b *bench) {
		b.start(approvalBeside, engine.Waiting, "both running, ok waiting, wait succeeded, act succeeded, ok2 waiting")
		b.decideTwice("ok", engine.VerdictApprove, engine.VerdictReject, engine.VerdictDone)
		b.follow(engine.Waiting, "both running, ok succeeded, wait succeeded, act succeeded, ok2 waiting")
		b.expectDecided("ok", engine.VerdictApprove, engine.VerdictReject) // another question is open
		b.decideTwice("ok2", engine.VerdictReject, engine.VerdictApprove)
		b.follow(engine.Succeeded, "both succeeded, ok succeeded, wait succeeded, act succeeded, ok2 succeeded")
		b.expectDecided("ok", engine.VerdictApprove, engine.VerdictReject)
		b.expectDecided("ok2", engine.VerdictReject, engine.VerdictApprove)
	}},
	{"whoever resolves second is told who decided what", func(b *bench) {
		b.answer = losing()
		b.start(uncertain, engine.Uncertain, "act uncertain")
		b.decideTwice("act", engine.VerdictDone, engine.VerdictRetry, engine.VerdictFail, engine.VerdictApprove)
		b.follow(engine.Succeeded, "act succeeded, next succeeded")
		b.expectDecided("act", engine.VerdictDone, engine.VerdictRetry)
		if b.called() != "act next" {
			b.Errorf("called: %s", b.called())
		}
	}},
	{"whoever decides second beside a call is told who decided what", func(b *bench) {
		b.answer = func(task.Call) error { // another branch has asked the person
			b.decideTwice("ok", engine.VerdictApprove, engine.VerdictReject)
			return nil
		}
		b.start(approvalBeside, engine.Waiting, "both running, ok succeeded, wait succeeded, act succeeded, ok2 waiting")
	}},
}

// kimForRobin is a person for whom somebody else enters a decision.
func kimForRobin() engine.Person {
	return engine.Person{Name: "Robin", EnteredBy: "Kim", Groups: []string{"operators"}}
}

// decideTwice decides, and expects that all other decisions are refused.
func (b *bench) decideTwice(step string, verdict engine.Verdict, others ...engine.Verdict) {
	b.Helper()
	b.must(b.Open("Kim's process").Decide(b.ctx, run, step, engine.Decision{Verdict: verdict, By: kimForRobin(), Comment: "first"}))
	b.expectDecided(step, verdict, append(others, verdict)...)
}

// expectDecided expects that further decisions on a step are refused with the one that holds.
func (b *bench) expectDecided(step string, verdict engine.Verdict, others ...engine.Verdict) {
	b.Helper()
	want := engine.Decision{Verdict: verdict, By: kimForRobin().Recorded(), Comment: "first"}
	for _, other := range others {
		r := b.expectRefusal(b.decide(step, other), engine.RefusedDecided)
		if r.Step != step || r.Decision == nil || r.Decision.String() != want.String() || r.Decision.Comment != want.Comment {
			b.Errorf("the refusal is %+v", r)
		}
		if text := `step "` + step + `" is decided already: ` + string(verdict) + ", says Robin (entered by Kim)"; r.Error() != text {
			b.Errorf("the refusal says %q, want %q", r.Error(), text)
		}
	}
}

// expectDecisions expects the decisions on the first step of a run, which were made in their order.
func (b *bench) expectDecisions(v engine.View, want []engine.Decided) {
	b.Helper()
	got := slices.Clone(v.Steps[0].Decisions)
	for i := range got {
		if got[i].At.Before(v.Started) || i > 0 && got[i].At.Before(v.Steps[0].Decisions[i-1].At) {
			b.Errorf("decision %d was made at %s", i, got[i].At)
		}
		got[i].At = want[min(i, len(want)-1)].At
	}
	same := func(a, b engine.Decided) bool {
		return a.Verdict == b.Verdict && a.By.Name == b.By.Name && a.By.EnteredBy == b.By.EnteredBy && a.Comment == b.Comment
	}
	if !slices.EqualFunc(got, want, same) {
		b.Errorf("the decisions are %+v, want %+v", got, want)
	}
}
