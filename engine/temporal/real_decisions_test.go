package temporal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/hosttest"
	"errand/engine/journal"
	"errand/engine/sample"
	"errand/engine/temporal/temporaltest"
)

// asksAndPolls is a definition whose run continues as new all the time while it asks.
const asksAndPolls = `
steps:
  - parallel:
      poll:
        - {id: look, task: stub.reads, until: result.calls == 30, every: 1ms, for: 1h}
      ask:
        - id: each
          for_each: ${{ 1..3 }}
          as: item
          steps:
            - {id: ok, approval: {ask: May it be, by: [Kim, Lee]}}
            - {id: act, if: steps.ok.approved, task: stub.once}
  - {id: last, task: stub.keyed}
`

// Decisions and cancellations that arrive while runs continue as new take effect once, or are refused
// with who decided what.
func TestDecisionsWhileRunsContinueAsNew(t *testing.T) {
	at := install(t, temporaltest.Options{SuggestContinueAsNewAfter: 25, ShortestTimer: time.Millisecond})
	registry := hosttest.Registry(func() {})
	runner := at.runner(t, "decisions", registry)
	work(t, runner)
	p := compile(t, registry, asksAndPolls)
	seed := rand.Uint64()
	t.Logf("the seed is %d", seed)
	ctx, stop := context.WithTimeout(t.Context(), 9*time.Minute)
	defer stop()
	tally := &outcomes{counts: map[string]int{}}
	slots := make(chan struct{}, 12)
	var all sync.WaitGroup
	runs := sample.Size(20, 100, 400)
	for i := range runs {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			r := &decidedRun{T: t, runner: runner, tally: tally, accepted: map[string]engine.Decision{}}
			r.order = engine.Order{Run: fmt.Sprintf("decided%09d", i), Program: p, Inputs: map[string]any{}}
			r.carryOut(ctx, seed, uint64(i))
			r.judge(ctx)
		})
	}
	all.Wait()
	for _, what := range slices.Sorted(maps.Keys(tally.counts)) {
		t.Logf("%s: %d", what, tally.counts[what])
	}
	if n := tally.counts["executions"]; n < 3*runs {
		t.Errorf("the workflows of %d runs had %d executions", runs, n)
	}
	for _, what := range []string{"accepted", "refused: " + string(engine.RefusedDecided), "cancelled", "ended succeeded", "ended cancelled"} {
		if tally.counts[what] == 0 {
			t.Errorf("there was nothing that counts as %q", what)
		}
	}
}

// outcomes count what happened. They are safe for concurrent use.
type outcomes struct {
	mu     sync.Mutex
	counts map[string]int
}

func (t *outcomes) add(what string, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts[what] += n
}

// A decidedRun is a run about which two persons decide at the same time, and which a third one may
// cancel.
type decidedRun struct {
	*testing.T
	runner *Runner
	tally  *outcomes
	order  engine.Order

	mu        sync.Mutex
	accepted  map[string]engine.Decision // by step
	refused   []*engine.Refusal          // because of another decision
	cancelled bool                       // a cancellation was accepted
}

// carryOut starts the run, and returns when it has ended and nobody decides any more.
func (r *decidedRun) carryOut(ctx context.Context, seed, number uint64) {
	if _, err := r.runner.Accept(ctx, r.order); err != nil {
		r.Error(err)
		return
	}
	random := func(who uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, number*3+who)) }
	var persons sync.WaitGroup
	persons.Go(func() { r.decide(ctx, "Kim", engine.VerdictApprove, random(0)) })
	persons.Go(func() { r.decide(ctx, "Lee", engine.VerdictReject, random(1)) })
	if number%3 == 0 {
		persons.Go(func() { r.cancel(ctx, random(2)) })
	}
	persons.Wait()
	if err := r.runner.Client.GetWorkflow(ctx, flowID(r.order), "").Get(ctx, nil); err != nil {
		r.Errorf("%s: %v", r.order.Run, err)
	}
}

// decide decides about each question of the run at a random moment.
func (r *decidedRun) decide(ctx context.Context, who string, verdict engine.Verdict, random *rand.Rand) {
	for item := range 3 {
		step := fmt.Sprintf("each[%d].ok", item)
		for asked := false; !asked; {
			time.Sleep(time.Duration(random.IntN(200)) * time.Millisecond)
			d := engine.Decision{Verdict: verdict, By: engine.Person{Name: who}}
			refusal := r.refusal(r.runner.Decide(ctx, r.order.Run, step, d))
			r.mu.Lock()
			switch {
			case refusal == nil:
				if before, twice := r.accepted[step]; twice {
					r.Errorf("%s: the decisions %s and %s on %s are accepted", r.order.Run, before, d, step)
				}
				r.accepted[step], asked = d, true
			case refusal.Code == engine.RefusedDecided:
				r.refused, asked = append(r.refused, refusal), true
			case refusal.Code == engine.RefusedNothing && slices.Contains([]engine.Status{engine.Succeeded, engine.Failed, engine.Cancelled}, refusal.Status):
				r.mu.Unlock()
				return
			case refusal.Code != engine.RefusedNothing && refusal.Code != engine.RefusedNotAsked: // it asks later
				r.Errorf("%s: the decision of %s on %s is refused: %v", r.order.Run, who, step, refusal)
				asked = true
			}
			r.mu.Unlock()
		}
	}
}

// cancel cancels the run at a random moment.
func (r *decidedRun) cancel(ctx context.Context, random *rand.Rand) {
	time.Sleep(time.Duration(random.IntN(3000)) * time.Millisecond)
	refusal := r.refusal(r.runner.Cancel(ctx, r.order.Run, engine.Person{Name: "Max"}))
	switch {
	case refusal == nil:
		r.cancelled = true
		r.tally.add("cancelled", 1)
	case refusal.Code != engine.RefusedEnded && refusal.Code != engine.RefusedNothing:
		r.Errorf("%s: the cancellation is refused: %v", r.order.Run, refusal)
	}
}

// refusal returns the refusal that an error is, or nil if there is no error.
func (r *decidedRun) refusal(err error) *engine.Refusal {
	if err == nil {
		r.tally.add("accepted", 1)
		return nil
	}
	refusal, ok := errors.AsType[*engine.Refusal](err)
	if !ok {
		r.Errorf("%s: %v", r.order.Run, err)
		return &engine.Refusal{Code: engine.RefusedNothing, Status: engine.Failed} // nobody goes on
	}
	r.tally.add("refused: "+string(refusal.Code), 1)
	return refusal
}

// judge fails the test unless everything that was accepted took effect, once.
func (r *decidedRun) judge(ctx context.Context) {
	reader, _, err := r.runner.reader(ctx, r.order.Run)
	if err != nil {
		r.Errorf("%s: %v", r.order.Run, err)
		return
	}
	v, err := reader.Read(ctx)
	if err != nil {
		r.Errorf("%s: %v", r.order.Run, err)
		return
	}
	r.tally.add("ended "+string(v.Status), 1)
	r.tally.add("executions", executions(r.T, r.runner, flowID(r.order), 1))
	for _, refusal := range r.refused {
		if d, known := r.accepted[refusal.Step]; !known || !isSame(*refusal.Decision, d) {
			r.Errorf("%s: a decision on %s was refused because of %v; accepted was %v", r.order.Run, refusal.Step, refusal.Decision, d)
		}
	}
	made := map[string][]engine.Decision{} // by step: the decisions that took effect
	calls := map[string]int{}              // by step
	for _, e := range reader.record.Entries {
		switch e.Kind {
		case journal.Decided:
			made[e.Step] = append(made[e.Step], e.Decision())
		case journal.Intent:
			calls[e.Step]++
		}
	}
	for item := range 3 {
		step, act := fmt.Sprintf("each[%d].ok", item), fmt.Sprintf("each[%d].act", item)
		d, accepted := r.accepted[step]
		switch got := made[step]; {
		case len(got) > 1 || len(got) == 1 && !isSame(got[0], d):
			r.Errorf("%s: on %s there are the decisions %v; accepted was %v", r.order.Run, step, got, d)
		case len(got) == 0 && v.Status != engine.Cancelled:
			r.Errorf("%s: no decision on %s took effect; accepted was %v", r.order.Run, step, d)
		}
		if want := accepted && d.Verdict == engine.VerdictApprove; calls[act] > 1 || calls[act] == 1 && !want || calls[act] == 0 && want && v.Status != engine.Cancelled {
			r.Errorf("%s: after the decision %v, %s was called %d times", r.order.Run, d, act, calls[act])
		}
	}
	r.judgeCancel(reader.record, v)
}

// judgeCancel fails the test if an accepted cancellation was lost.
func (r *decidedRun) judgeCancel(record Record, v engine.View) {
	switch {
	case v.Status == engine.Cancelled && !r.cancelled:
		r.Errorf("%s was cancelled by nobody", r.order.Run)
	case v.Status == engine.Cancelled && v.CancelledBy.Name != "Max":
		r.Errorf("%s was cancelled by %v", r.order.Run, v.CancelledBy)
	case r.cancelled && v.Status != engine.Cancelled: // then it was in its last call
		at := record.Messages[slices.IndexFunc(record.Messages, func(m journal.Message) bool { return m.Verdict == engine.VerdictCancel })].At
		for _, e := range record.Entries {
			if e.Kind != journal.Replied && e.At.After(at) {
				r.Errorf("%s %s, although it was cancelled before it came to its entry %s of %s", r.order.Run, v.Status, e.Kind, e.Step)
			}
		}
	}
}

// isSame reports whether two decisions are one.
func isSame(a, b engine.Decision) bool { return a.Verdict == b.Verdict && a.By.Name == b.By.Name }
