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

// A retry restarts the times of the step: the step has its whole time-out, and a poll asks as often
// as at first.
func TestRetryRestartsTheTimes(t *testing.T) {
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
			t.Errorf("%d polls at first, and %d after the retry", looks-1, again)
		}
		if look := result.Steps[1]; !look.Started.Equal(retried) || look.Ended.Sub(look.Started) != time.Minute {
			t.Errorf("the step started at %s and ended at %s; the retry was at %s", look.Started, look.Ended, retried)
		}
	})
}

// A call that reads the result of an effect has the key of the call that acted, also in a retry.
func TestASettledCallKeepsTheKey(t *testing.T) {
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
			t.Errorf("the call that acted is %+v, the one that reads is %+v", acted, read)
		}
	})
}

// The watch of Work receives the events of a retry, from the step on that the run continues with.
func TestARetryIsWatched(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		fails := true
		b.answer = func(c task.Call) error {
			if c.Step == "second" && fails {
				return refused
			}
			return nil
		}
		var got []string
		worker := b.process("worker")
		watch := func(e engine.Event) { got = append(got, e.String()) }
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
		first := len(got)
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
		if got := got[first:]; !slices.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// A retry keeps an approval before its step, although the time for that decision was limited by the
// time-out of the workflow.
func TestARetryKeepsAnApproval(t *testing.T) {
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
