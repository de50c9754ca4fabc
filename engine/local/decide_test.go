package local_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/local"
	"errand/engine/task"
)

var (
	lost    = &task.Failure{Code: task.CodeNoReply, Message: "no answer came", Transient: true, Unknown: true}
	refused = &task.Failure{Code: "Refused", Message: "not like this", Status: 400}
)

const onceThenNote = `
steps:
  - {id: act, task: remote.once, with: {text: one}}
  - {id: after, task: remote.evident, with: {text: "${{ steps.act.text }}."}}
on_failure:
  - {id: tell, task: remote.evident, with: {text: "${{ failure.message }}"}}
`

// A step whose outcome is unknown waits for a person, and the run goes on as the person decides.
func TestDecideAnUncertainStep(t *testing.T) {
	for _, test := range []struct {
		verdict engine.Verdict
		status  engine.Status
		steps   string
		acts    int // calls of the step, in all
	}{
		{engine.VerdictDone, engine.Succeeded, "act succeeded, after succeeded", 1},
		{engine.VerdictRetry, engine.Succeeded, "act succeeded, after succeeded", 2},
		{engine.VerdictFail, engine.Failed, "act failed, tell succeeded", 1},
	} {
		t.Run(string(test.verdict), func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bench) {
				b.answer = func(c task.Call) error {
					if c.Step == "act" && c.Attempt == 1 {
						return lost
					}
					return nil
				}
				o := b.order(onceThenNote)
				r := b.process("first")
				result, err := r.Start(t.Context(), o, engine.Following{})
				b.want(result, err, engine.Uncertain, "act uncertain")
				time.Sleep(time.Hour)
				if err := r.Work(t.Context(), true, nil); err != nil || len(b.calls) != 1 {
					t.Fatalf("%d calls, %v", len(b.calls), err)
				}
				result, err = r.Follow(t.Context(), o.Run, engine.Following{}) // it stays uncertain without a decision
				b.want(result, err, engine.Uncertain, "act uncertain")

				kim := engine.Person{Name: "Kim"}
				err = r.Decide(t.Context(), o.Run, "after", engine.Decision{Verdict: test.verdict, By: kim})
				if e, ok := errors.AsType[*engine.Refusal](err); !ok || e.Code != engine.RefusedNotAsked || !slices.Equal(e.Steps, []string{"act"}) || e.Question.Failure == nil {
					t.Errorf("got %v", err)
				}
				if err := r.Decide(t.Context(), o.Run, "act", engine.Decision{Verdict: test.verdict, By: kim, Comment: "I looked"}); err != nil {
					t.Fatal(err)
				}
				result, err = b.process("second").Follow(t.Context(), o.Run, engine.Following{})
				b.want(result, err, test.status, test.steps)
				acts := 0
				for _, c := range b.calls {
					if c.Step == "act" {
						acts++
					}
				}
				if acts != test.acts {
					t.Errorf("%d calls of the step, want %d", acts, test.acts)
				}
				err = r.Decide(t.Context(), o.Run, "act", engine.Decision{Verdict: test.verdict, By: kim})
				if _, ok := errors.AsType[*engine.Refusal](err); !ok {
					t.Errorf("a second decision returns %v, want a refusal", err)
				}
			})
		})
	}
}

const threeEffects = `
timeout: 10m
steps:
  - {id: first, task: remote.evident, with: {text: one}}
  - {id: second, task: remote.evident, with: {text: "${{ steps.first.text }} two"}}
  - {id: third, task: remote.evident, with: {text: "${{ steps.second.text }} three"}}
on_failure:
  - {id: tell, task: remote.evident, with: {text: "${{ failure.message }}"}}
outputs:
  text: ${{ steps.third.text }}
`

// A retry continues with the step that failed. The steps that succeeded are kept and not called
// again, and the time between the failure and the retry does not count for the time-out.
func TestRetry(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		fails := true
		b.answer = func(c task.Call) error {
			if c.Step == "second" && fails {
				return refused
			}
			return nil
		}
		o := b.order(threeEffects)
		r := b.process("first")
		result, err := r.Start(t.Context(), o, engine.Following{})
		b.want(result, err, engine.Failed, "first succeeded, second failed, tell succeeded")
		time.Sleep(48 * time.Hour)
		if err := r.Retry(t.Context(), o.Run, engine.Retry{By: engine.Person{Name: "Kim"}}); err != nil {
			t.Fatal(err)
		}
		result, err = r.Follow(t.Context(), o.Run, engine.Following{})
		b.want(result, err, engine.Failed, "first succeeded, second failed, tell succeeded")
		if b.calls[1].Key() == b.calls[3].Key() {
			t.Error("the retry of a step that had no effect has the key of the refused request")
		}
		fails = false
		if err := r.Retry(t.Context(), o.Run, engine.Retry{By: engine.Person{Name: "Kim"}}); err != nil {
			t.Fatal(err)
		}
		result, err = r.Follow(t.Context(), o.Run, engine.Following{})
		b.want(result, err, engine.Succeeded, "first succeeded, second succeeded, third succeeded")
		if result.Outputs["text"] != "one two three" {
			t.Errorf("outputs %v", result.Outputs)
		}
		var called []string
		for _, c := range b.calls {
			called = append(called, c.Step)
		}
		if got, want := strings.Join(called, " "), "first second tell second tell second third"; got != want {
			t.Errorf("called: %s\nwant:   %s", got, want)
		}
		v, err := r.Look(t.Context(), o.Run)
		if err != nil {
			t.Fatal(err)
		}
		var trace []string
		for _, e := range v.Events {
			trace = append(trace, e.String())
		}
		if all := strings.Join(trace, "\n"); !strings.Contains(all, "run retried second Kim\nrun retried second Kim\nstep started second") {
			t.Errorf("the events:\n%s", all)
		}
		err = r.Retry(t.Context(), o.Run, engine.Retry{By: engine.Person{Name: "Kim"}})
		if _, ok := errors.AsType[*engine.Refusal](err); !ok {
			t.Errorf("the retry of a run that succeeded returns %v, want a refusal", err)
		}
	})
}

// A retry from an earlier step looks for the effects of that step and the later ones before it
// acts, so that nothing is done twice.
func TestRetryFromAnEarlierStep(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		b.answer = func(c task.Call) error {
			if c.Step == "third" && c.Round == 0 {
				return refused
			}
			return nil
		}
		o := b.order(threeEffects)
		r := b.process("first")
		result, err := r.Start(t.Context(), o, engine.Following{})
		b.want(result, err, engine.Failed, "first succeeded, second succeeded, third failed, tell succeeded")
		if err := r.Retry(t.Context(), o.Run, engine.Retry{From: "second", By: engine.Person{Name: "Kim"}}); err != nil {
			t.Fatal(err)
		}
		result, err = r.Follow(t.Context(), o.Run, engine.Following{})
		b.want(result, err, engine.Succeeded, "first succeeded, second succeeded, third succeeded")
		again := b.calls[4]
		if again.Step != "second" || !again.Recover || again.Key() != b.calls[1].Key() {
			t.Errorf("the second step was called again with %+v", again)
		}
		if last := b.calls[5]; last.Step != "third" || last.Recover || last.Key() == b.calls[2].Key() {
			t.Errorf("the third step was called again with %+v", last)
		}
		err = r.Retry(t.Context(), o.Run, engine.Retry{From: "tell", By: engine.Person{Name: "Kim"}})
		if _, ok := errors.AsType[*engine.Refusal](err); !ok {
			t.Errorf("got %v", err)
		}
	})
}

// A corrected definition may change the steps that are still to come, and none of those that are
// kept.
func TestRetryWithACorrectedDefinition(t *testing.T) {
	const firstStep = "  - {id: first, task: remote.evident, with: {text: one}}\n"
	for _, test := range []struct {
		name, old, new string
		taken          bool
	}{
		{"the failed step is corrected", "}} two", "}} corrected", true},
		{"a step is new before the failed one", "  - {id: second", "  - {id: pure, task: stub.pure}\n  - {id: second", true},
		{"a step that is kept has another input", "text: one", "text: eins", false},
		{"a step is new among those that are kept", "steps:", "steps:\n  - {id: zeroth, task: remote.evident}", false},
		{"a step is gone", firstStep, "  - {id: first, task: stub.pure, with: {text: one}}\n", false},
		{"a step that is kept has another name", "{id: first,", "{id: first, name: First,", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bench) {
				b.answer = func(c task.Call) error {
					if c.Step == "second" && c.Round == 0 {
						return refused
					}
					return nil
				}
				o := b.order(threeEffects)
				r := b.process("first")
				result, err := r.Start(t.Context(), o, engine.Following{})
				b.want(result, err, engine.Failed, "first succeeded, second failed, tell succeeded")
				if !strings.Contains(threeEffects, test.old) {
					t.Fatal("the case changes nothing")
				}
				err = r.Retry(t.Context(), o.Run, engine.Retry{By: engine.Person{Name: "Kim"}, Program: b.program(strings.Replace(threeEffects, test.old, test.new, 1))})
				if _, refused := errors.AsType[*engine.Refusal](err); refused == test.taken {
					t.Fatalf("got %v", err)
				}
				if !test.taken {
					return
				}
				result, err = b.process("second").Follow(t.Context(), o.Run, engine.Following{})
				if err != nil || result.Status != engine.Succeeded || len(b.calls) != 5 {
					t.Errorf("%s, %v; %d calls", result.Status, err, len(b.calls))
				}
			})
		})
	}
}

// A run can be cancelled in every state. It then does nothing but its finally, and its steps report
// what was done.
func TestCancel(t *testing.T) {
	const source = `
steps:
  - {id: act, task: remote.once, with: {text: one}}
  - {id: wait, task: timer.minute}
  - {id: never, task: remote.evident}
finally:
  - {id: tidy, task: remote.evident}
`
	for _, test := range []struct {
		name  string
		where func(b *bench, r *local.Runner, o engine.Order)
		steps string
	}{
		{
			"while it waits", func(b *bench, r *local.Runner, o engine.Order) {
				result, err := r.Start(timeout(b.t, time.Second), o, engine.Following{})
				b.want(result, err, engine.Waiting, "act succeeded, wait running")
			}, "act succeeded, wait cancelled, tidy succeeded",
		},
		{
			"after a person has stopped it", func(b *bench, r *local.Runner, o engine.Order) {
				ctx, stop := context.WithCancelCause(b.t.Context())
				time.AfterFunc(time.Second, func() { stop(engine.ErrStop) })
				result, err := r.Start(ctx, o, engine.Following{})
				b.want(result, err, engine.Waiting, "act succeeded, wait running")
			}, "act succeeded, wait cancelled, tidy succeeded",
		},
		{
			"before it has begun", func(b *bench, r *local.Runner, o engine.Order) {
				if _, err := r.Accept(b.t.Context(), o); err != nil {
					b.t.Fatal(err)
				}
			}, "act cancelled, tidy succeeded",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, b *bench) {
				o := b.order(source)
				r := b.process("first")
				test.where(b, r, o)
				other := b.process("second")
				if err := other.Cancel(t.Context(), o.Run, engine.Person{}); err != nil {
					t.Fatal(err)
				}
				result, err := other.Follow(t.Context(), o.Run, engine.Following{})
				b.want(result, err, engine.Cancelled, test.steps)
				err = r.Cancel(t.Context(), o.Run, engine.Person{})
				if _, ok := errors.AsType[*engine.Refusal](err); !ok {
					t.Errorf("a second Cancel returns %v, want a refusal", err)
				}
				if err := r.Retry(t.Context(), o.Run, engine.Retry{By: engine.Person{Name: "Kim"}}); err != nil {
					t.Fatal(err)
				}
				b.answer = func(task.Call) error { return nil }
				result, err = r.Follow(t.Context(), o.Run, engine.Following{})
				b.want(result, err, engine.Succeeded, "act succeeded, wait succeeded, never succeeded, tidy succeeded")
			})
		})
	}
}

// A decision that was recorded in time counts, even if the process that waits reads it after the
// time for it has passed.
func TestADecisionJustInTime(t *testing.T) {
	inBubble(t, func(t *testing.T, b *bench) {
		o := b.order("steps:\n  - id: ok\n    approval: {ask: \"Go?\", by: [Kim], within: 1m}\n  - {id: act, task: remote.evident, if: steps.ok.approved}\n")
		r := b.process("first")
		r.Poll = time.Hour // it does not look before the time has passed
		ended := make(chan engine.View)
		go func() {
			v, err := r.Start(t.Context(), o, engine.Following{Stay: true})
			if err != nil {
				t.Error(err)
			}
			ended <- v
		}()
		time.Sleep(59 * time.Second)
		d := engine.Decision{Verdict: engine.VerdictApprove, By: engine.Person{Name: "Kim"}}
		if err := b.process("second").Decide(t.Context(), o.Run, "ok", d); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		err := b.process("second").Decide(t.Context(), o.Run, "ok", d)
		if !refusedFor(err, engine.RefusedNothing, engine.RefusedDecided) {
			t.Errorf("got %v", err)
		}
		b.want(<-ended, nil, engine.Succeeded, "ok succeeded, act succeeded")
	})
}
