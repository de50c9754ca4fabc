package runnertest

import (
	"reflect"
	"slices"
	"strings"

	"errand/engine"
	"errand/engine/task"
)

// watched are the events that a watch received, by branch: the events of parallel branches have no
// order among each other.
type watched map[string][]engine.Event

func (w watched) watch(e engine.Event) { w[e.Branch] = append(w[e.Branch], e) }

// expectAll expects that these are all events of the run, each once. It ignores the events about
// processes, because not every runner emits them.
func (w watched) expectAll(b *bench) {
	b.Helper()
	all, err := b.first.Events(b.ctx, run, engine.EventID{})
	b.must(err)
	stored := watched{}
	for _, e := range all {
		e.ID = engine.EventID{}
		stored.watch(e)
	}
	for _, events := range []watched{w, stored} {
		for branch := range events {
			events[branch] = slices.DeleteFunc(events[branch], func(e engine.Event) bool {
				return e.Kind == engine.EventRunResumed || e.Kind == engine.EventRunStopped
			})
		}
	}
	if !reflect.DeepEqual(w, stored) {
		b.Errorf("the watch received\n%v\nthe events of the run are\n%v", w, stored)
	}
}

// events returns the run's events. It expects that their ids ascend, and that every process returns
// the rest of the list after each event.
func (b *bench) events() []engine.Event {
	b.Helper()
	r := b.Open("a reader")
	all, err := r.Events(b.ctx, run, engine.EventID{})
	if err != nil || len(all) == 0 {
		b.Fatalf("%d events, %v", len(all), err)
	}
	last := engine.EventID{}
	for i, e := range all {
		if e.ID.Compare(last) <= 0 || e.Run != run || e.At.IsZero() {
			b.Errorf("event %s comes after %s: %+v", e.ID, last, e)
		}
		last = e.ID
		if i%2 == 0 {
			r = b.Open("another reader")
		}
		tail, err := r.Events(b.ctx, run, e.ID)
		if err != nil || !slices.EqualFunc(tail, all[i+1:], func(a, b engine.Event) bool { return reflect.DeepEqual(a, b) }) {
			b.Errorf("after %s come\n%v (%v)\nwant\n%v", e.ID, tail, err, all[i+1:])
		}
	}
	for _, unknown := range []engine.EventID{{Seq: last.Seq, N: last.N + 1}, {Seq: last.Seq + 1, N: 1}, {Seq: 0, N: 1000}} {
		_, err := r.Events(b.ctx, run, unknown)
		if refusal := b.expectRefusal(err, engine.RefusedEvent); !strings.Contains(refusal.Error(), unknown.String()) {
			b.Errorf("the refusal does not name the event: %v", err)
		}
	}
	return all
}

// expectGrown expects that the run's events begin with these, and returns all.
func (b *bench) expectGrown(before []engine.Event) []engine.Event {
	b.Helper()
	now := b.events()
	if len(now) < len(before) || !reflect.DeepEqual(now[:len(before)], before) {
		b.Errorf("the events were\n%v\nand are\n%v", before, now)
	}
	return now
}

// kinds returns the kinds and steps of events, without the events about processes.
func kinds(events []engine.Event) string {
	var words []string
	for _, e := range events {
		if e.Kind != engine.EventRunResumed && e.Kind != engine.EventRunStopped {
			words = append(words, strings.TrimSpace(string(e.Kind)+" "+e.Step))
		}
	}
	return strings.Join(words, ", ")
}

var eventsCases = []testCase{
	{"of a run that continues after a decision", func(b *bench) {
		_, err := b.first.Accept(b.ctx, b.order(approvalWithin))
		b.must(err)
		b.start(approvalWithin, engine.Waiting, "ok waiting")
		asked := b.events()
		if got := kinds(asked); got != "run_started, step_started ok, step_asks ok" {
			b.Errorf("the events: %s", got)
		}
		b.must(b.decide("ok", engine.VerdictApprove))
		b.expectGrown(asked)
		b.follow(engine.Succeeded, "ok succeeded, act succeeded")
		all := b.expectGrown(asked)
		if got := kinds(all[len(asked):]); got != "step_decided ok, step_succeeded ok, step_started act, step_succeeded act, run_ended" {
			b.Errorf("the events: %s", got)
		}
	}},
	{"of branches", func(b *bench) {
		b.start(approvalBeside, engine.Waiting, "both running, ok waiting, wait succeeded, act succeeded, ok2 waiting")
		asked := b.events()
		b.must(b.decide("ok2", engine.VerdictApprove))
		b.follow(engine.Waiting, "both running, ok waiting, wait succeeded, act succeeded, ok2 succeeded")
		one := b.expectGrown(asked)
		b.must(b.decide("ok", engine.VerdictReject))
		b.follow(engine.Succeeded, "both succeeded, ok succeeded, wait succeeded, act succeeded, ok2 succeeded")
		all := b.expectGrown(one)
		branches := map[string]bool{}
		for _, e := range all {
			branches[e.Branch] = true
		}
		if len(branches) != 3 {
			b.Errorf("the branches are %v", branches)
		}
	}},
	{"of branches that only compute", func(b *bench) {
		b.start("steps:\n  - id: both\n    parallel:\n      left: [{id: l, task: stub.pure}]\n      right: [{id: r, task: stub.pure}]\n  - {id: act, task: probe.once}\n",
			engine.Succeeded, "both succeeded, l succeeded, r succeeded, act succeeded")
		const want = "run_started, step_started both, step_started l, step_succeeded l, step_started r, step_succeeded r, step_succeeded both, step_started act, step_succeeded act, run_ended"
		if got := kinds(b.events()); got != want {
			b.Errorf("the events: %s\nwant:       %s", got, want)
		}
	}},
	{"of a run that is cancelled", func(b *bench) {
		b.startAndEnd(cancellable, nil)
		waits := b.events()
		b.expectCancelled("act succeeded, wait cancelled, tidy succeeded")
		all := b.expectGrown(waits)
		if last := all[len(all)-1]; last.Kind != engine.EventRunEnded || last.Status != engine.Cancelled {
			b.Errorf("the last event is %v", last)
		}
	}},
	{"of attempts that a retry replaced", func(b *bench) {
		b.answer = failing("two")
		b.start(threeSteps, engine.Failed, "one succeeded, two failed, tell succeeded")
		failed := b.events()
		b.must(b.retry(""))
		retried := b.expectGrown(failed)
		b.follow(engine.Failed, "one succeeded, two failed, tell succeeded")
		again := b.expectGrown(retried)
		const attempt = "step_started two, step_failed two, handler_begins, step_started tell, step_succeeded tell, run_ended"
		if got := kinds(again[len(failed):]); got != "run_retried two, "+attempt {
			b.Errorf("the events: %s", got)
		}
		i := slices.IndexFunc(again, func(e engine.Event) bool { return e.Kind == engine.EventRunRetried })
		if again[i].By.Name != "Kim" {
			b.Errorf("the retry is by %+v", again[i].By)
		}
		p := b.program(strings.Replace(threeSteps, "}} two", "}} corrected", 1))
		b.must(b.retryWith(engine.Retry{From: "one", By: engine.Person{Name: "Kim", EnteredBy: "Robin"}, Program: p}))
		b.answer = nil
		b.follow(engine.Succeeded, "one succeeded, two succeeded, three succeeded")
		all := b.expectGrown(again)
		if got := kinds(all[len(again):]); got != "run_retried one, step_started one, step_interrupted one, step_succeeded one, step_started two, step_succeeded two, step_started three, step_succeeded three, run_ended" {
			b.Errorf("the events: %s", got)
		}
	}},
	{"a record", func(b *bench) {
		_, err := b.first.Accept(b.ctx, b.order(uncertain))
		b.must(err)
		record, err := b.first.Record(b.ctx, run)
		if err != nil || record.Run != run || !b.goesOn && (record.Status != engine.Waiting || len(record.Moments) != 0) {
			b.Errorf("the record is %+v, %v", record, err)
		}
		b.answer = losing()
		b.follow(engine.Uncertain, "act uncertain")
		record, err = b.first.Record(b.ctx, run)
		if err != nil || len(record.Questions) != 1 || record.Run != run || len(record.Moments) == 0 {
			b.Errorf("the record is %+v, %v", record, err)
		}
		b.must(b.decide("act", engine.VerdictRetry))
		b.answer = failing("next")
		b.follow(engine.Failed, "act succeeded, next failed")
		b.must(b.retry(""))
		b.answer = nil
		b.follow(engine.Succeeded, "act succeeded, next succeeded")
		record, err = b.Open("another").Record(b.ctx, run)
		b.must(err)
		var got []string
		for _, m := range record.Moments {
			switch {
			case m.Reply != nil && m.Reply.Failure != nil:
				got = append(got, m.Step+" "+m.Reply.Failure.Code)
			case m.Reply != nil:
				got = append(got, m.Step+" done")
			case m.Decision != nil:
				got = append(got, m.Step+" "+m.Decision.String())
			default:
				got = append(got, m.Step+" sent")
			}
		}
		if got, want := strings.Join(got, ", "), "act sent, act "+task.CodeNoReply+", act retry, says Kim, act sent, act done, next sent, next done"; got != want {
			b.Errorf("the moments: %s\nwant:        %s", got, want)
		}
		if got := kinds(record.Events); !strings.HasSuffix(got, "run_retried next, step_started next, step_succeeded next, run_ended") || strings.Contains(got, "step_failed") {
			b.Errorf("the events: %s", got)
		}
	}},
}
