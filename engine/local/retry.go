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

func (r *Runner) retry(_ context.Context, id string, retry engine.Retry) error {
	var events []engine.Event
	v, err := r.replayRun(id, newWatcher(func(e engine.Event) { events = append(events, e) }))
	if err != nil {
		return err
	}
	switch {
	case v.run.Ended.IsZero():
		return &engine.Refusal{Code: engine.RefusedNotEnded, Run: id, Status: v.status()}
	case v.result.Status == engine.Succeeded:
		return &engine.Refusal{Code: engine.RefusedSucceeded, Run: id, Status: v.status()}
	}
	from, refusal := engine.RetryPoint(v.result, v.program, retry.From, func(step string) bool { _, begun := v.begun[step]; return begun })
	if refusal == nil {
		refusal = engine.MayKeep(id, v.program, events, from)
	}
	if refusal != nil {
		return refusal
	}
	begin := v.begun[from]
	e := journal.Entry{
		Kind: journal.Retried, At: v.after(), Step: from, By: new(retry.By.Recorded()),
		Keep: journal.Ranges(numbers(v.entries[:begin.entries])), Told: begin.events,
	}
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
	if err := r.keeps(v, events, e, p); err != nil {
		return err
	}
	c.Entries = append([]journal.Entry{e}, adopted...)
	err = r.store(c)
	r.poke()
	return err
}

// numbers are the numbers of entries.
func numbers(entries []entry) []int {
	seqs := make([]int, len(entries))
	for i, e := range entries {
		seqs[i] = e.seq
	}
	return seqs
}

// keeps makes sure that everything which is kept of a run is the same with the definition that the
// run goes on with.
func (r *Runner) keeps(v replayed, before []engine.Event, e journal.Entry, p *program.Program) error {
	var after []engine.Event
	run := v.run
	run.State, run.Cancel = journal.State{}, false
	seen, err := r.replay(run, append(slices.Clone(v.all), e), p, newWatcher(func(e engine.Event) { after = append(after, e) }))
	if damage, ok := errors.AsType[*journal.DamageError](err); ok {
		return engine.Differs(run.ID, e.Step, damage.Reason)
	}
	if err != nil {
		return err
	}
	if refusal := engine.KeepsNames(run.ID, e.Step, v.result.Steps, seen.result.Steps); refusal != nil {
		return refusal
	}
	_, begins := seen.begun[e.Step]
	if refusal := engine.KeepsAll(run.ID, e.Step, before, v.begun[e.Step].events, after, begins); refusal != nil {
		return refusal
	}
	return nil
}
