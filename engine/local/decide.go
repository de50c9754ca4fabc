package local

import (
	"context"
	"slices"
	"time"

	"errand/engine"
	"errand/engine/journal"
)

// Decide implements engine.Decider.
func (r *Runner) Decide(ctx context.Context, id, step string, d engine.Decision) error {
	err := r.decide(id, step, d)
	for waited := time.Duration(0); isHeld(err) && waited < patience && ctx.Err() == nil; waited += r.poll() {
		time.Sleep(min(r.poll(), patience)) // the process may need the run for a moment only
		err = r.decide(id, step, d)
	}
	return outward(id, err)
}

func (r *Runner) decide(id, step string, d engine.Decision) error {
	v, err := r.replayRun(id, nil)
	if err != nil {
		return err
	}
	open := slices.IndexFunc(v.questions, func(q engine.Question) bool { return q.Step == step })
	if open < 0 || !v.run.Ended.IsZero() {
		return v.notAsked(step)
	}
	requesters := append(slices.Clone(v.run.Requesters), v.run.StartedBy)
	if refusal := engine.MayDecide(id, v.questions[open], d.By, requesters, d.Verdict); refusal != nil {
		return refusal
	}
	if r.isAtWork(v.run) { // to take the run away would lose the answer to a call that is under way
		about, _ := r.Journal.Alive(v.run.Holder)
		return &engine.Refusal{Code: engine.RefusedHeld, Run: id, Step: step, Process: about}
	}
	e := journal.Entry{
		Kind: journal.Decided, At: v.after(), Branch: v.branches[step], Step: step, Verdict: d.Verdict,
		By: &engine.Person{Name: d.By.Name, EnteredBy: d.By.EnteredBy}, Comment: d.Comment,
	}
	err = r.store(journal.Change{
		Run: id, Next: v.run.Next, From: v.run.Holder, Knows: v.run.Cancel, Entries: []journal.Entry{e}, State: dueNow(e.At),
	})
	r.poke()
	return err
}

// isAtWork reports whether a process works on a run.
func (r *Runner) isAtWork(run journal.Run) bool {
	r.mu.Lock()
	_, busy := r.busy[run.ID]
	mine := r.session != nil && run.Holder == r.session.ID()
	r.mu.Unlock()
	if run.Holder == "" || mine {
		return mine && busy
	}
	_, alive := r.Journal.Alive(run.Holder)
	return alive
}

// notAsked is the refusal of a decision on a step that asks nothing.
func (v replayed) notAsked(step string) error {
	if len(v.questions) == 0 || !v.run.Ended.IsZero() {
		return &engine.Refusal{Code: engine.RefusedNothing, Run: v.run.ID, Step: step, Status: v.status()}
	}
	refusal := &engine.Refusal{Code: engine.RefusedNotAsked, Run: v.run.ID, Step: step, Question: &v.questions[0]}
	for _, q := range v.questions {
		refusal.Steps = append(refusal.Steps, q.Step)
	}
	return refusal
}

// after is the present time, and never before what is on record.
func (v replayed) after() time.Time {
	now := time.Now().Round(0).UTC()
	if n := len(v.entries); n > 0 && v.entries[n-1].At.After(now) {
		return v.entries[n-1].At
	}
	return now
}
