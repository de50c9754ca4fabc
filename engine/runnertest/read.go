package runnertest

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"time"

	"errand/engine"
	"errand/engine/task"
)

var readCases = []testCase{
	{"what a run waits for", func(b *bench) {
		for i, test := range []struct {
			source string
			answer error
			wait   engine.WaitFor
			due    time.Duration
		}{
			{"steps:\n  - {id: act, task: probe.evident}\n  - {id: wait, task: stub.pure, with: {script: \"again 1h, ok\"}}\n", nil, engine.WaitTime, time.Hour},
			{"steps:\n  - {id: wait, task: probe.evident}\n", &task.Again{After: time.Hour}, engine.WaitPoll, time.Hour},
			{"steps:\n  - {id: wait, task: probe.reads, until: 'result.text == \"x\"', every: 2m, for: 1h}\n", nil, engine.WaitPoll, 2 * time.Minute},
			{"steps:\n  - {id: wait, task: probe.evident}\n", &task.Failure{Code: "Busy", Message: "later", Transient: true, RetryAfter: 10 * time.Minute}, engine.WaitRetry, 10 * time.Minute},
		} {
			step := "wait"
			if i == 0 {
				step = "act"
			}
			ctx, end := context.WithCancelCause(b.ctx)
			b.answer = func(c task.Call) error {
				if c.Step != step {
					return nil
				}
				end(nil)
				return test.answer
			}
			o := b.order(test.source)
			o.Run, o.Again = "testrun00000000"+string(rune('a'+i)), true
			v, err := b.first.Start(ctx, o, engine.Following{})
			b.must(err)
			read, err := b.Open("a reader").Read(b.ctx, o.Run)
			b.must(err)
			for _, v := range []engine.View{v, read} {
				if v.Status != engine.Waiting || len(v.Waits) != 1 {
					b.Fatalf("%d: the run is %s and waits for %+v", i, v.Status, v.Waits)
				}
				w := v.Waits[0]
				if w.For != test.wait || w.Step != "wait" || !b.isAfter(w.Since, v.Started) || !b.isAfter(w.Due, v.Started.Add(test.due)) || !v.Due.Equal(w.Due) {
					b.Errorf("%d: it waits for %+v, due %s; started %s", i, w, v.Due, v.Started)
				}
			}
			listed, err := b.first.List(b.ctx, engine.Query{Limit: 1})
			if err != nil || len(listed) != 1 || len(listed[0].Waits) != 1 || listed[0].Waits[0].For != test.wait {
				b.Errorf("%d: it is listed as %+v, %v", i, listed, err)
			}
		}
	}},
	{"the question of an approval", func(b *bench) {
		b.start(approvalWithin, engine.Waiting, "ok waiting")
		v := b.read()
		if len(v.Questions) != 1 {
			b.Fatalf("the questions are %+v", v.Questions)
		}
		q := v.Questions[0]
		if q.Step != "ok" || q.Ask != "Go?" || !slices.Equal(q.By, []string{"operators"}) || q.AllowRequester || q.Failure != nil || q.Evidence != nil || !b.isAfter(q.Until, v.Started.Add(time.Hour)) {
			b.Errorf("the question is %+v", q)
		}
	}},
	{"the question of an uncertain step has evidence", func(b *bench) {
		b.answer = losing()
		b.start(uncertain, engine.Uncertain, "act uncertain")
		v := b.read()
		if len(v.Questions) != 1 || v.Questions[0].Evidence == nil {
			b.Fatalf("the questions are %+v", v.Questions)
		}
		q, e := v.Questions[0], *v.Questions[0].Evidence
		if q.Step != "act" || q.Failure == nil || q.Failure.Code != task.CodeNoReply || q.Ask != "" {
			b.Errorf("the question is %+v", q)
		}
		if e.Task != "probe.once" || e.Attempt != 1 || string(e.Input) != `{"text":"one"}` || e.Key != b.calls[0].Key() || !b.isAfter(e.Sent, v.Started) {
			b.Errorf("the evidence is %+v", e)
		}
		if len(e.Since) != 1 || e.Since[0].Failure == nil || e.Since[0].Failure.Code != task.CodeNoReply {
			b.Errorf("since then: %+v", e.Since)
		}
	}},
	{"a run that has ended", func(b *bench) {
		o := b.order(greeting)
		o.Inputs = map[string]any{"who": "Dana"}
		started, err := b.first.Start(b.ctx, o, engine.Following{})
		b.must(err)
		read := b.read()
		if read.Program == nil || string(read.Definition) != string(o.Program.Source) || string(read.Inputs) != `{"who":"Dana"}` || read.Ended.IsZero() || len(read.Questions) != 0 {
			b.Errorf("it is read as %+v", read)
		}
		listed, err := b.first.List(b.ctx, engine.Query{})
		b.must(err)
		followed, err := b.Open("another").Follow(b.ctx, run, engine.Following{})
		b.must(err)
		want, err := json.Marshal(started)
		b.must(err)
		for _, v := range append(listed, read, followed) {
			if got, err := json.Marshal(v); err != nil || string(got) != string(want) {
				b.Errorf("it is read as\n%s (%v)\nStart returned\n%s", got, err, want)
			}
		}
	}},
	{"List by owner, id and change", func(b *bench) {
		ids := []string{"testrun000000000", "testrun000000001", "testrun000000002"}
		for i, owners := range [][]string{{"token:desk"}, {"token:desk", "person:kim"}, nil} {
			o := b.order(approval)
			o.Run, o.Request, o.Owners = ids[i], "100-"+ids[i], owners
			_, err := b.first.Start(b.ctx, o, engine.Following{})
			b.must(err)
			b.Pass(2 * time.Second)
		}
		third, err := b.first.Read(b.ctx, ids[2])
		b.must(err)
		last := third.Started.Add(2 * time.Second)
		b.must(b.first.Decide(b.ctx, ids[0], "ok", engine.Decision{Verdict: engine.VerdictApprove, By: engine.Person{Name: "kim", Groups: []string{"operators"}}}))
		for _, test := range []struct {
			query engine.Query
			want  []string
		}{
			{engine.Query{Owners: []string{"token:desk"}}, []string{ids[1], ids[0]}},
			{engine.Query{Owners: []string{"person:kim", "person:amira"}}, []string{ids[1]}},
			{engine.Query{Owners: []string{}}, nil},
			{engine.Query{Run: ids[2]}, []string{ids[2]}},
			{engine.Query{Run: ids[2], Owners: []string{"token:desk"}}, nil},
			{engine.Query{Changed: last}, []string{ids[0]}},
			{engine.Query{Changed: last.Add(time.Minute)}, nil},
		} {
			listed, err := b.first.List(b.ctx, test.query)
			b.must(err)
			var got []string
			for _, v := range listed {
				got = append(got, v.Run)
			}
			if !slices.Equal(got, test.want) {
				b.Errorf("%+v selects %q, expected %q", test.query, got, test.want)
			}
		}
	}},
	{"List", func(b *bench) {
		b.answer = failing("act")
		ids := []string{"testrun000000000", "testrun000000001", "testrun000000002", "testrun000000003", "testrun000000004"}
		sources := []string{"steps:\n  - {id: act, task: probe.once}\n", approval, "steps:\n  - {id: fine, task: probe.once}\n", approval}
		for i, source := range sources {
			o := b.order(source)
			o.Run, o.Request, o.Again = ids[i], []string{"100-1", "100-2"}[i%2], true
			_, err := b.first.Start(b.ctx, o, engine.Following{})
			b.must(err)
			b.Pass(2 * time.Second)
		}
		o := b.order("steps:\n  - {id: act, task: probe.once}\n")
		o.Run, o.Request = ids[4], "100-3"
		o.Program.Name = "other"
		_, err := b.first.Accept(b.ctx, o)
		b.must(err)
		third, err := b.first.Read(b.ctx, ids[2])
		b.must(err)
		for _, test := range []struct {
			query engine.Query
			want  []int
		}{
			{engine.Query{}, []int{4, 3, 2, 1, 0}},
			{engine.Query{Limit: 2}, []int{4, 3}},
			{engine.Query{After: ids[3]}, []int{2, 1, 0}},
			{engine.Query{After: ids[3], Limit: 2}, []int{2, 1}},
			{engine.Query{After: ids[0]}, nil},
			{engine.Query{After: "nothing"}, nil},
			{engine.Query{Open: true}, []int{4, 3, 1}},
			{engine.Query{Open: true, After: ids[4], Limit: 1}, []int{3}},
			{engine.Query{Status: engine.Failed}, []int{0}},
			{engine.Query{Status: engine.Succeeded}, []int{2}},
			{engine.Query{Status: engine.Waiting}, []int{4, 3, 1}},
			{engine.Query{Status: engine.Running}, nil},
			{engine.Query{WaitsFor: engine.WaitPerson}, []int{3, 1}},
			{engine.Query{WaitsFor: engine.WaitPerson, After: ids[3]}, []int{1}},
			{engine.Query{WaitsFor: engine.WaitPerson, Request: "100-1"}, nil},
			{engine.Query{WaitsFor: engine.WaitTrouble}, nil},
			{engine.Query{Since: third.Started}, []int{4, 3, 2}},
			{engine.Query{Since: third.Started.Add(1), Workflow: "case"}, []int{3}},
			{engine.Query{Request: "100-1"}, []int{2, 0}},
			{engine.Query{Workflow: "other"}, []int{4}},
			{engine.Query{Workflow: "case", Request: "100-2", Limit: 1}, []int{3}},
			{engine.Query{Workflow: "case", Request: "100-2", After: ids[3]}, []int{1}},
			{engine.Query{Workflow: "nothing"}, nil},
		} {
			if b.goesOn && (test.query.Status == engine.Waiting || test.query.Status == engine.Running) {
				continue // the accepted run does not wait for a process
			}
			views, err := b.Open("a reader").List(b.ctx, test.query)
			b.must(err)
			b.expectBrief(test.query, views)
			var got, want []string
			for _, v := range views {
				got = append(got, v.Run)
				if v.Ended.IsZero() && (len(v.Steps) > 0 || len(v.Questions) > 0) {
					b.Errorf("%s is listed with its steps", v.Run)
				}
			}
			for _, i := range test.want {
				want = append(want, ids[i])
			}
			if !reflect.DeepEqual(got, want) {
				b.Errorf("%+v: got %v, want %v", test.query, got, want)
			}
		}
	}},
}

// expectBrief reports a list of brief views that differs from the views of the same query.
func (b *bench) expectBrief(q engine.Query, views []engine.View) {
	b.Helper()
	q.Brief = true
	brief, err := b.Open("a reader").List(b.ctx, q)
	b.must(err)
	if len(brief) != len(views) {
		b.Errorf("%+v selects %d brief views, and %d others", q, len(brief), len(views))
		return
	}
	for i, v := range views {
		if want := v.Brief(); !reflect.DeepEqual(brief[i], want) {
			b.Errorf("the brief view is\n%+v, not\n%+v", brief[i], want)
		}
	}
}
