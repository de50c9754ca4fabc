package local

import (
	"context"
	"errors"
	"slices"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/program"
)

// Retry implements engine.Retrier.
func (r *Runner) Retry(ctx context.Context, id string, retry engine.Retry) error {
	return outward(id, r.retry(ctx, id, retry))
}

// Preview implements engine.Retrier.
func (r *Runner) Preview(_ context.Context, id string, retry engine.Retry) (engine.RetryPreview, error) {
	v, plan, _, err := r.planRetry(id, retry)
	if err != nil {
		return engine.RetryPreview{}, outward(id, err)
	}
	return plan.Preview(v.result), nil
}

// planRetry returns how a run stands, what a retry of it keeps, and its events.
func (r *Runner) planRetry(id string, retry engine.Retry) (v replayed, plan *engine.RetryPlan, events []engine.Event, err error) {
	v, err = r.replayRun(id, newWatcher(func(e engine.Event) { events = append(events, e) }))
	switch {
	case err != nil:
		return v, nil, nil, err
	case v.run.Ended.IsZero():
		return v, nil, nil, &engine.Refusal{Code: engine.RefusedNotEnded, Run: id, Status: r.statusOf(v.run)}
	case v.result.Status == engine.Succeeded:
		return v, nil, nil, &engine.Refusal{Code: engine.RefusedSucceeded, Run: id, Status: r.statusOf(v.run)}
	}
	plan, refusal := v.course.PlanRetry(v.result, retry, v.program, momentsOf(v.entries))
	if refusal != nil {
		return v, nil, nil, refusal
	}
	return v, plan, events, nil
}

func (r *Runner) retry(_ context.Context, id string, retry engine.Retry) error {
	v, plan, events, err := r.planRetry(id, retry)
	if err != nil {
		return err
	}
	e := journal.Entry{
		Kind: journal.Retried, At: v.after(), Step: plan.From, By: new(retry.By.Recorded()),
		Undone: plan.Undone, Told: plan.Cuts[""].Told,
	}
	e.Keep, e.Done = keptBy(plan, v.entries)
	adopted, err := r.adoption(v, retry.By)
	if err != nil {
		return err
	}
	c := journal.Change{Run: id, Next: v.run.Next, From: v.run.Holder, Knows: true, Uncancel: true, State: dueNow(e.At)}
	p := v.program
	if retry.Program != nil {
		p = retry.Program
		e.Digest, e.Replaced = p.Digest, v.run.Digest
		c.Source, c.File, c.Digest = p.Source, p.File, p.Digest
		r.keep(p)
	}
	c.Entries = []journal.Entry{e}
	for _, cut := range plan.Continued() {
		c.Entries = append(c.Entries, journal.Entry{Kind: journal.Continued, At: e.At, Branch: cut.Branch, Told: cut.Told})
	}
	if err := r.keeps(v, plan, events, c.Entries, p); err != nil {
		return err
	}
	c.Entries = append(c.Entries, adopted...)
	err = r.store(c)
	r.poke()
	return err
}

// keptBy returns the entries that a plan keeps, and those of the steps that it does not do again.
func keptBy(plan *engine.RetryPlan, entries []journal.Numbered) (keep, done []journal.Range) {
	var kept, others []int
	index := map[string]int{} // by branch: of the next entry
	for _, e := range entries {
		if plan.Keeps(e.Branch, index[e.Branch]) {
			kept = append(kept, e.Seq)
		} else if slices.Contains(plan.Done, e.Step) {
			others = append(others, e.Seq)
		}
		index[e.Branch]++
	}
	return journal.Ranges(kept), journal.Ranges(others)
}

// momentsOf returns the moments that entries record.
func momentsOf(entries []journal.Numbered) []engine.Moment {
	var moments []engine.Moment
	for _, e := range entries {
		if m, ok := e.Moment(); ok {
			moments = append(moments, m)
		}
	}
	return moments
}

// keeps makes sure that everything which is kept of a run is the same with the definition that the
// run goes on with. entries are those of the retry.
func (r *Runner) keeps(v replayed, plan *engine.RetryPlan, before []engine.Event, entries []journal.Entry, p *program.Program) error {
	var after []engine.Event
	run := v.run
	run.State, run.Cancel = journal.State{}, false
	all := append(slices.Clone(v.all), entries...)
	if run.Key != "" { // as if it had its turn at once
		all = append(all, journal.Beginnings(all, entries[0].At)...)
	}
	seen, err := r.replay(run, all, p, newWatcher(func(e engine.Event) { after = append(after, e) }))
	if damage, ok := errors.AsType[*journal.DamageError](err); ok {
		return engine.Differs(run.ID, plan.From, damage.Reason)
	}
	if err != nil {
		return err
	}
	if refusal := plan.KeepsNames(run.ID, v.result.Steps, seen.result.Steps); refusal != nil {
		return refusal
	}
	if refusal := plan.KeepsAll(run.ID, before, after, seen.course.Began(plan.From)); refusal != nil {
		return refusal
	}
	return nil
}
