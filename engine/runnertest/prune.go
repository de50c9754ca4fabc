package runnertest

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"errand/engine"
)

// prune prunes, in another process, the runs that ended before a time after the bench's noon.
func (b *bench) prune(afterNoon time.Duration, dry bool) engine.Pruned {
	b.Helper()
	pruned, err := b.pruner().Prune(b.ctx, engine.Pruning{EndedBefore: b.noon().Add(afterNoon), DryRun: dry})
	b.must(err)
	return pruned
}

func (b *bench) pruner() engine.Pruner {
	b.Helper()
	p, ok := b.Open("a process that prunes").(engine.Pruner)
	if !ok {
		b.Fatal("the runner has no engine.Pruner")
	}
	return p
}

// noon returns the time that the runners' clock showed when noon was first called: a run started
// then.
func (b *bench) noon() time.Time {
	b.Helper()
	o := b.order("steps: [{id: a, task: stub.pure}]\n")
	o.Run, o.Request = "clock", ""
	if _, err := b.first.Read(b.ctx, o.Run); err != nil {
		_, err := b.first.Accept(b.ctx, o)
		b.must(err)
	}
	v, err := b.first.Read(b.ctx, o.Run)
	b.must(err)
	return v.Started
}

// prunedRun starts a run that is for Kim and that the desk owns, lets it end, and prunes it.
func (b *bench) prunedRun() engine.View {
	b.Helper()
	o := b.order(greeting)
	o.Inputs, o.Requesters, o.Owners = map[string]any{"who": "Dana"}, []string{"Kim"}, []string{"token:desk"}
	v, err := b.first.Start(b.ctx, o, engine.Following{})
	b.expect(v, err, engine.Succeeded, "act succeeded")
	b.Pass(time.Hour)
	if pruned := b.prune(0, false); !maps.Equal(pruned, engine.Pruned{"case": 1}) || pruned.Runs() != 1 {
		b.Fatalf("pruned are %v", pruned)
	}
	return v
}

var pruneCases = []testCase{
	{"the record of a run is deleted", func(b *bench) {
		was := b.prunedRun()
		first := b.Open("another process")
		_, read := first.Read(b.ctx, run)
		_, events := first.Events(b.ctx, run, engine.EventID{})
		_, record := first.Record(b.ctx, run)
		_, follow := first.Follow(b.ctx, run, engine.Following{})
		for what, err := range map[string]error{
			"Read": read, "Events": events, "Record": record, "Follow": follow,
			"Decide": b.decide("act", engine.VerdictDone), "Retry": b.retry(""), "Cancel": first.Cancel(b.ctx, run, engine.Person{Name: "Kim"}),
		} {
			r := b.expectRefusal(err, engine.RefusedPruned)
			if r.Workflow != "case" || r.Request != "100-291" || r.Status != engine.Succeeded || !r.Ended.Equal(was.Ended) {
				b.Errorf("%s: the refusal is %+v", what, r)
			}
		}
		b.must(first.Work(b.ctx, true, nil))
		if b.called() != "act" {
			b.Errorf("called: %s", b.called())
		}
	}},
	{"the request keeps its run", func(b *bench) {
		b.prunedRun()
		other := b.Open("another process")
		o := b.order(greeting)
		o.Run, o.Inputs = "testrun000000001", map[string]any{"who": "Dana"}
		receipt, err := other.Accept(b.ctx, o)
		if receipt != (engine.Receipt{Run: run, Existed: true}) || err != nil {
			b.Errorf("got %+v, %v", receipt, err)
		}
		_, err = other.Start(b.ctx, o, engine.Following{})
		b.expectRefusal(err, engine.RefusedPruned)
		o.Inputs = map[string]any{"who": "Kim"}
		_, err = other.Accept(b.ctx, o)
		if r := b.expectRefusal(err, engine.RefusedConflict); r.Inputs != nil {
			b.Errorf("the inputs are %s", r.Inputs)
		}
		_, err = other.Start(b.ctx, o, engine.Following{})
		b.expectRefusal(err, engine.RefusedConflict)
		if b.called() != "act" {
			b.Errorf("called: %s", b.called())
		}
		o.Again = true
		v, err := other.Start(b.ctx, o, engine.Following{})
		b.expect(v, err, engine.Succeeded, "act succeeded")
		o.Again, o.Run = false, "testrun000000002" // the last run of the request counts
		receipt, err = other.Accept(b.ctx, o)
		if receipt != (engine.Receipt{Run: "testrun000000001", Existed: true}) || err != nil {
			b.Errorf("got %+v, %v", receipt, err)
		}
	}},
	{"a list has pruned runs if the query says so", func(b *bench) {
		was := b.prunedRun()
		reader := b.Open("a reader")
		for _, test := range []struct {
			query engine.Query
			want  int
		}{
			{engine.Query{}, 0},
			{engine.Query{Request: "100-291"}, 0},
			{engine.Query{Pruned: true}, 1},
			{engine.Query{Pruned: true, Request: "100-291", Workflow: "case", Status: engine.Succeeded, Limit: 1}, 1},
			{engine.Query{Pruned: true, Owners: []string{"token:desk"}, Run: run}, 1},
			{engine.Query{Pruned: true, Owners: []string{"token:other"}}, 0},
			{engine.Query{Pruned: true, Open: true}, 0},
		} {
			listed, err := reader.List(b.ctx, test.query)
			b.must(err)
			listed = slices.DeleteFunc(listed, func(v engine.View) bool { return v.Run == "clock" })
			if len(listed) != test.want {
				b.Fatalf("%+v selects %d runs, expected %d", test.query, len(listed), test.want)
			}
			for _, v := range listed {
				if v.Pruned.IsZero() || len(v.Inputs)+len(v.Requesters)+len(v.Steps)+len(v.Outputs) > 0 || v.Trouble != nil {
					b.Errorf("it is listed as %+v", v)
				}
				want := engine.View{StartedBy: "Dana", Pruned: v.Pruned}
				want.Version, want.Run, want.Workflow, want.Request, want.Status, want.Started, want.Ended = 1, run, "case", "100-291", engine.Succeeded, was.Started, was.Ended
				got, err := json.Marshal(v)
				b.must(err)
				if shape, err := json.Marshal(want); err != nil || string(got) != string(shape) {
					b.Errorf("it is listed as\n%s\nexpected\n%s", got, shape)
				}
			}
		}
	}},
	{"only runs that ended before the time are pruned", func(b *bench) {
		b.answer = failing("act")
		b.start("steps:\n  - {id: act, task: probe.once}\n", engine.Failed, "act failed")
		for i, source := range []string{approval, uncertain, "steps: [{id: wait, task: probe.once}]\n"} {
			o := b.order(source)
			o.Run, o.Request = "testrun00000000"+string(rune('a'+i)), ""
			b.answer = losing()
			if i == 2 {
				_, err := b.first.Accept(b.ctx, o)
				b.must(err)
				continue
			}
			_, err := b.first.Start(b.ctx, o, engine.Following{})
			b.must(err)
		}
		began := b.noon()
		if pruned := b.prune(-time.Hour, false); len(pruned) > 0 {
			b.Errorf("pruned are %v", pruned)
		}
		ended := b.read().Ended
		for before, want := range map[time.Time]int{ended.Add(-1): 0, ended: 0, ended.Add(1): 1} {
			pruned, err := b.pruner().Prune(b.ctx, engine.Pruning{EndedBefore: before, DryRun: true})
			if err != nil || pruned.Runs() != want {
				b.Errorf("%s before the end: %v, %v", ended.Sub(before), pruned, err)
			}
		}
		if began.Before(ended) {
			b.Errorf("the clock shows %s", began)
		}
		b.Pass(time.Hour)
		for range 2 { // a dry run deletes nothing
			if pruned := b.prune(time.Hour, true); !maps.Equal(pruned, engine.Pruned{"case": 1}) {
				b.Errorf("a dry run returns %v", pruned)
			}
		}
		b.read()
		if pruned := b.prune(time.Hour, false); !maps.Equal(pruned, engine.Pruned{"case": 1}) {
			b.Errorf("pruned are %v", pruned)
		}
		if pruned := b.prune(time.Hour, false); len(pruned) > 0 {
			b.Errorf("pruned again are %v", pruned)
		}
		listed, err := b.first.List(b.ctx, engine.Query{})
		if err != nil || len(listed) != 4 {
			b.Errorf("%d runs are left, %v", len(listed), err)
		}
	}},
	{"a run that was pruned is not counted", func(b *bench) {
		b.prunedRun()
		want := map[engine.RunGroup]int{{Workflow: "case", Status: engine.Waiting}: 1} // the run of noon
		if c := b.counts(); !maps.Equal(c.Runs, want) {
			b.Errorf("the counts are %+v", c)
		}
	}},
	{"a run that was retried is pruned after its last end", func(b *bench) {
		b.answer = failing("act")
		b.start("steps:\n  - {id: act, task: probe.once}\n", engine.Failed, "act failed")
		b.noon()
		b.Pass(2 * time.Hour)
		b.answer = nil
		b.must(b.retry(""))
		if pruned := b.prune(time.Hour, false); len(pruned) > 0 {
			b.Errorf("pruned are %v, and the run is open", pruned)
		}
		b.follow(engine.Succeeded, "act succeeded")
		if pruned := b.prune(time.Hour, false); len(pruned) > 0 {
			b.Errorf("pruned are %v, and the run ended later", pruned)
		}
		if pruned := b.prune(3*time.Hour, false); pruned.Runs() != 1 {
			b.Errorf("pruned are %v", pruned)
		}
	}},
	{"a process whose context has ended prunes nothing", func(b *bench) {
		b.start("steps:\n  - {id: act, task: probe.once}\n", engine.Succeeded, "act succeeded")
		ctx, end := context.WithCancel(b.ctx)
		end()
		pruned, err := b.pruner().Prune(ctx, engine.Pruning{EndedBefore: b.noon().Add(time.Hour)})
		if len(pruned) > 0 || !errors.Is(err, context.Canceled) {
			b.Errorf("pruned are %v, %v", pruned, err)
		}
		b.read()
	}},
}
