package virtual

import (
	"context"
	"slices"
	"time"

	"errand/engine"
	"errand/engine/program"
)

// look replays a run as it is now, and leaves out the questions that are decided already. The
// caller holds the mutex, so that nothing changes meanwhile.
func (r *Runner) look(id string) (*run, replayed, error) {
	x, err := r.Runs.onRecord(id)
	if err != nil {
		return nil, replayed{}, err
	}
	seen, err := r.replay(*x, x.memory.clone(), x.order.Program)
	seen.life.asks = slices.DeleteFunc(seen.life.asks, func(q question) bool {
		_, decided := x.inbox[q.Step]
		return decided || !x.ended.IsZero()
	})
	return x, seen, err
}

// Decide implements engine.Decider.
func (r *Runner) Decide(_ context.Context, id, step string, d engine.Decision) error {
	r.Runs.mu.Lock()
	defer r.Runs.mu.Unlock()
	x, seen, err := r.look(id)
	if err != nil {
		return err
	}
	var open *question
	refusal := &engine.Refusal{Code: engine.RefusedNotAsked, Run: id, Step: step}
	for i, q := range seen.life.asks {
		refusal.Steps = append(refusal.Steps, q.Step)
		if q.Step == step {
			open = &seen.life.asks[i]
		}
	}
	before := x.decision(step)
	switch {
	case open == nil && before != nil:
		return &engine.Refusal{Code: engine.RefusedDecided, Run: id, Step: step, Decision: before}
	case len(seen.life.asks) == 0:
		return &engine.Refusal{Code: engine.RefusedNothing, Run: id, Step: step, Status: x.status}
	case open == nil:
		refusal.Question = &seen.life.asks[0].Question
		return refusal
	}
	if refusal := engine.MayDecide(id, open.Question, d.By, append(slices.Clone(x.order.Requesters), x.order.StartedBy), d.Verdict); refusal != nil {
		return refusal
	}
	now := r.Runs.Clock.Now()
	if !open.Until.IsZero() && !now.Before(open.Until) {
		return &engine.Refusal{Code: engine.RefusedLate, Run: id, Step: step, Verdict: d.Verdict, Question: &open.Question}
	}
	d.By = d.By.Recorded()
	x.inbox[step] = d
	if x.worker == nil {
		x.wakeUp(now)
	}
	r.Runs.change(x)
	return nil
}

// decision returns the last decision on a step: one that the run has not taken up, or else one that
// it has. It returns nil if there is none. The caller holds the mutex.
func (x *run) decision(step string) *engine.Decision {
	if d, decided := x.inbox[step]; decided {
		return &d
	}
	for _, m := range slices.Backward(x.memory.all()) {
		if m.step == step && m.decision != nil {
			return m.decision
		}
	}
	return nil
}

// Cancel implements engine.Decider.
func (r *Runner) Cancel(_ context.Context, id string, by engine.Person) error {
	r.Runs.mu.Lock()
	defer r.Runs.mu.Unlock()
	x, err := r.Runs.onRecord(id)
	if err != nil {
		return err
	}
	if !x.ended.IsZero() {
		return &engine.Refusal{Code: engine.RefusedEnded, Run: id, Status: x.status}
	}
	if !x.cancelling {
		x.canceller = by.Recorded()
	}
	x.cancelling, x.missed = true, x.worker != nil
	x.cancel()
	if x.worker == nil {
		x.due = r.Runs.Clock.Now()
	}
	r.Runs.change(x)
	return nil
}

// Preview implements engine.Retrier.
func (r *Runner) Preview(_ context.Context, id string, retry engine.Retry) (engine.RetryPreview, error) {
	r.Runs.mu.Lock()
	defer r.Runs.mu.Unlock()
	_, seen, plan, err := r.planRetry(id, retry)
	if err != nil {
		return engine.RetryPreview{}, err
	}
	return plan.Preview(seen.result), nil
}

// planRetry returns a run, how it stands, and what a retry of it keeps.
func (r *Runner) planRetry(id string, retry engine.Retry) (x *run, seen replayed, plan *engine.RetryPlan, err error) {
	x, seen, err = r.look(id)
	switch {
	case err != nil:
		return nil, seen, nil, err
	case x.ended.IsZero():
		return nil, seen, nil, &engine.Refusal{Code: engine.RefusedNotEnded, Run: id, Status: x.status}
	case x.status == engine.Succeeded:
		return nil, seen, nil, &engine.Refusal{Code: engine.RefusedSucceeded, Run: id, Status: x.status}
	}
	plan, refusal := seen.life.course.PlanRetry(seen.result, retry, x.order.Program, momentsOf(x.memory.all()))
	if refusal != nil {
		return nil, seen, nil, refusal
	}
	return x, seen, plan, nil
}

// Retry implements engine.Retrier.
func (r *Runner) Retry(_ context.Context, id string, retry engine.Retry) error {
	r.Runs.mu.Lock()
	defer r.Runs.mu.Unlock()
	x, seen, plan, err := r.planRetry(id, retry)
	if err != nil {
		return err
	}
	p := x.order.Program
	now := r.Runs.Clock.Now()
	again := moment{at: now, step: plan.From, retried: new(retry.By.Recorded()), emitted: plan.Cuts[""].Told}
	if retry.Program != nil {
		p = retry.Program
	}
	memory := x.memory.clone()
	memory.retry(plan, x.order.Program, again)
	if err := r.checkKept(*x, seen, memory, p, plan); err != nil {
		return err
	}
	x.past = append(x.past, seen.events...)
	x.rounds = append(x.rounds, engine.NewRound(seen.result, now, retry.By, plan.From))
	x.memory, x.order.Program = memory, p
	x.result, x.status, x.ended = nil, engine.Waiting, time.Time{}
	x.uncancel()
	r.Runs.queue(x, now)
	r.Runs.change(x)
	return nil
}

// checkKept returns a refusal if something that a retry keeps differs in the definition that the
// run goes on with.
func (r *Runner) checkKept(x run, was replayed, memory *Memory, p *program.Program, plan *engine.RetryPlan) error {
	x.memory = memory
	again := memory.clone()
	if x.key != "" { // as if it had its turn at once
		again.begin(x.started)
	}
	now, err := r.replay(x, again, p)
	if err != nil {
		return engine.Differs(x.order.Run, plan.From, err.Error())
	}
	if refusal := plan.KeepsNames(x.order.Run, was.result.Steps, now.result.Steps); refusal != nil {
		return refusal
	}
	if refusal := plan.KeepsAll(x.order.Run, events(was.events), events(now.events), now.life.course.Began(plan.From)); refusal != nil {
		return refusal
	}
	return nil
}

func events(placed []engine.Placed) []engine.Event {
	all := make([]engine.Event, len(placed))
	for i, p := range placed {
		all[i] = p.Event
	}
	return all
}
