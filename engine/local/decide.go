package local

import (
	"context"
	"errors"
	"slices"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// Decide implements engine.Decider. It puts the decision into the run's inbox: the process that works
// on the run takes it up there, or else the one that takes the run up next.
func (r *Runner) Decide(_ context.Context, id, step string, d engine.Decision) error {
	return outward(id, r.decide(id, step, d))
}

func (r *Runner) decide(id, step string, d engine.Decision) error {
	v, err := r.replayRun(id, nil)
	if err != nil {
		return err
	}
	open := slices.IndexFunc(v.questions, func(q engine.Question) bool { return q.Step == step })
	if open < 0 || !v.run.Ended.IsZero() {
		return r.notAsked(v, step)
	}
	if v.run.Isolated() {
		return isolatedRefusal(v.run)
	}
	q, now := v.questions[open], time.Now().Round(0).UTC()
	requesters := append(slices.Clone(v.run.Requesters), v.run.StartedBy)
	if refusal := engine.MayDecide(id, q, d.By, requesters, d.Verdict); refusal != nil {
		return refusal
	}
	if !q.Until.IsZero() && !now.Before(q.Until) {
		return &engine.Refusal{Code: engine.RefusedLate, Run: id, Step: step, Verdict: d.Verdict, Question: &q}
	}
	err = r.put(id, journal.Message{
		Step: step, Round: v.round(step), At: now, Verdict: d.Verdict,
		By: d.By.Recorded(), Comment: d.Comment,
	})
	if err == nil {
		r.announce(id)
	}
	r.poke()
	if answered, ok := errors.AsType[*journal.AnsweredError](err); ok { // somebody was faster
		return decidedBefore(id, step, answered.Message.Decision())
	}
	if errors.Is(err, journal.ErrMoved) { // and the run has ended since
		if v, again := r.replayRun(id, nil); again == nil && !v.run.Ended.IsZero() {
			return r.notAsked(v, step)
		}
	}
	return err
}

// put puts a message into a run's inbox. A journal that fails is tried again: a message that is there
// already, and the same, was put by the attempt before.
func (r *Runner) put(id string, m journal.Message) error {
	for attempt := 0; ; attempt++ {
		err := r.Journal.Put(background, id, m)
		if answered, ok := errors.AsType[*journal.AnsweredError](err); ok && attempt > 0 && isSame(answered.Message, m) {
			return nil
		}
		if _, failed := errors.AsType[*journal.StoreError](err); !failed || attempt == len(pauses) {
			return err
		}
		time.Sleep(pauses[attempt])
	}
}

// isSame reports whether a message on a question is the one that was put.
func isSame(found, put journal.Message) bool {
	return found.At.Equal(put.At) && found.Verdict == put.Verdict && found.Comment == put.Comment && found.By.String() == put.By.String()
}

// decidedBefore is the refusal of a second decision on a question.
func decidedBefore(id, step string, d engine.Decision) error {
	return &engine.Refusal{Code: engine.RefusedDecided, Run: id, Step: step, Decision: &d}
}

// notAsked is the refusal of a decision on a step that asks nothing.
func (r *Runner) notAsked(v replayed, step string) error {
	if d := v.decision(step); d != nil {
		return decidedBefore(v.run.ID, step, *d)
	}
	if len(v.questions) == 0 || !v.run.Ended.IsZero() {
		return &engine.Refusal{Code: engine.RefusedNothing, Run: v.run.ID, Step: step, Status: r.statusOf(v.run)}
	}
	refusal := &engine.Refusal{Code: engine.RefusedNotAsked, Run: v.run.ID, Step: step, Question: &v.questions[0]}
	for _, q := range v.questions {
		refusal.Steps = append(refusal.Steps, q.Step)
	}
	return refusal
}

// decision returns the last decision on a step: a message that the run has not taken up, or else
// the one on record. It returns nil if there is none.
func (v replayed) decision(step string) *engine.Decision {
	if m := v.message(step); m != nil && v.run.Ended.IsZero() {
		return new(m.Decision())
	}
	for _, e := range slices.Backward(v.entries) {
		if e.Kind == journal.Decided && e.Step == step {
			return new(e.Decision())
		}
	}
	return nil
}

// after is the present time, and never before what is on record.
func (v replayed) after() time.Time {
	now := time.Now().Round(0).UTC()
	if n := len(v.entries); n > 0 && v.entries[n-1].At.After(now) {
		return v.entries[n-1].At
	}
	return now
}
