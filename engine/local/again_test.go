package local_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"errand/engine"
	"errand/engine/task"
)

// The times of a step that is done again count from then on: it has its whole time-out, a poll looks as long as at first.
func TestRetryCountsAnew(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		o := b.order(`
steps:
  - {id: first, task: remote.evident, with: {text: one}}
  - {id: look, task: remote.reads, with: {text: not yet}, until: "result.text == 'yes'", every: 20s, for: 1m}
`)
		r := b.process("first")
		result, err := r.Start(t.Context(), o, engine.Following{})
		b.want(result, err, engine.Failed, "first succeeded, look failed")
		looks := len(b.calls)
		time.Sleep(time.Hour)
		if err := r.Retry(t.Context(), o.Run, engine.Retry{By: engine.Person{Name: "Kim"}}); err != nil {
			t.Fatal(err)
		}
		retried := time.Now()
		result, err = r.Follow(t.Context(), o.Run, engine.Following{})
		b.want(result, err, engine.Failed, "first succeeded, look failed")
		if again := len(b.calls) - looks; again != looks-1 {
			t.Errorf("%d looks at first, and %d when it was done again", looks-1, again)
		}
		if look := result.Steps[1]; !look.Started.Equal(retried) || look.Ended.Sub(look.Started) != time.Minute {
			t.Errorf("the step started at %s and ended at %s, and was done again from %s on", look.Started, look.Ended, retried)
		}
	})
}

// A call that reads what an effect came to has the key of the call that acted, also when the run is done again.
func TestASettledCallHasTheKeyOfTheOneThatActed(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		b.answer = func(c task.Call) error {
			switch {
			case len(b.calls) == 1:
				return refused
			case !c.Settled:
				return &task.Again{After: time.Minute, Settled: true}
			}
			return nil
		}
		o := b.order(`
steps:
  - {id: act, task: remote.evident, with: {text: one}}
`)
		r := b.process("first")
		result, err := r.Start(t.Context(), o, engine.Following{})
		b.want(result, err, engine.Failed, "act failed")
		if err := r.Retry(t.Context(), o.Run, engine.Retry{By: engine.Person{Name: "Kim"}}); err != nil {
			t.Fatal(err)
		}
		result, err = r.Follow(t.Context(), o.Run, engine.Following{})
		b.want(result, err, engine.Succeeded, "act succeeded")
		if acted, read := b.calls[1], b.calls[2]; acted.Round != 1 || !read.Settled || read.Key() != acted.Key() {
			t.Errorf("acted with %+v, read with %+v", acted, read)
		}
	})
}

// Who watches what a process carries on hears of a run that is done again, from the step on that it goes on with.
func TestARetryIsWatched(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		fails := true
		b.answer = func(c task.Call) error {
			if c.Step == "second" && fails {
				return refused
			}
			return nil
		}
		var heard []string
		worker := b.process("worker")
		watch := func(e engine.Event) { heard = append(heard, e.String()) }
		o := b.order(threeEffects)
		if _, err := worker.Accept(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		worked := make(chan error)
		go func() { worked <- worker.Work(ctx, false, watch) }()
		time.Sleep(time.Minute)
		synctest.Wait()
		fails = false
		first := len(heard)
		if err := b.process("person").Retry(t.Context(), o.Run, engine.Retry{By: engine.Person{Name: "Kim"}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		stop()
		if err := <-worked; err != nil {
			t.Fatal(err)
		}
		v, err := b.process("person").Look(t.Context(), o.Run)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, e := range v.Events {
			want = append(want, e.String())
		}
		want = want[slices.Index(want, "run retried second Kim"):]
		if got := heard[first:]; !slices.Equal(got, want) {
			t.Errorf("heard\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// A run with a time-out can be done again behind an approval, for which there was only so much of that time.
func TestAnApprovalStaysWhenTheRunIsDoneAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		refuses := true
		b.answer = func(c task.Call) error {
			if refuses {
				return refused
			}
			return nil
		}
		o := b.order(`
timeout: 3h
steps:
  - {id: ok, approval: {ask: "May it?", by: [Kim]}}
  - {id: last, task: remote.evident, with: {text: two}}
`)
		r := b.process("first")
		if _, err := r.Accept(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		if err := r.Work(timeout(t, time.Minute), false, nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		if err := r.Decide(t.Context(), o.Run, "ok", engine.Decision{Verdict: engine.VerdictApprove, By: engine.Person{Name: "Kim"}}); err != nil {
			t.Fatal(err)
		}
		result, err := r.Follow(t.Context(), o.Run, engine.Following{})
		b.want(result, err, engine.Failed, "ok succeeded, last failed")
		time.Sleep(time.Hour)
		refuses = false
		if err := r.Retry(t.Context(), o.Run, engine.Retry{By: engine.Person{Name: "Kim"}}); err != nil {
			t.Fatal(err)
		}
		result, err = r.Follow(t.Context(), o.Run, engine.Following{})
		b.want(result, err, engine.Succeeded, "ok succeeded, last succeeded")
	})
}
