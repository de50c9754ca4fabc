package local

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

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
	from, err := v.point(retry.From)
	if err != nil {
		return err
	}
	if step := v.undone(events, from); step != "" {
		return &engine.Refusal{Code: engine.RefusedUndone, Run: id, Step: step, Steps: []string{step}}
	}
	begin := v.begun[from]
	e := journal.Entry{
		Kind: journal.Retried, At: v.after(), Step: from, By: &engine.Person{Name: retry.By.Name, EnteredBy: retry.By.EnteredBy},
		Keep: journal.Ranges(numbers(v.entries[:begin.entries])), Told: begin.events,
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
	c.Entries = []journal.Entry{e}
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

// point returns the step to go on from: one of the main steps that the run reached.
func (v replayed) point(from string) (string, error) {
	if from == "" && v.result.Failure != nil {
		from = v.result.Failure.Step
	}
	var reached []string
	for _, s := range v.program.Steps {
		if _, begun := v.begun[s.Key]; begun {
			reached = append(reached, s.Key)
		}
	}
	if from == "" && len(reached) > 0 {
		from = reached[len(reached)-1] // it was cancelled there
	}
	if slices.Contains(reached, from) {
		return from, nil
	}
	return "", &engine.Refusal{Code: engine.RefusedStep, Run: v.run.ID, Step: from, Steps: reached}
}

// undone returns the first step before from that was undone, or "".
func (v replayed) undone(events []engine.Event, from string) string {
	for _, s := range v.program.Steps {
		if s.Key == from {
			return ""
		}
		for _, e := range events {
			if e.Kind == engine.EventHandlerBegins && e.Handler == engine.HandlerUndo && s.Holds(program.Key(e.Step)) {
				return s.Key
			}
		}
	}
	return ""
}

// keeps makes sure that everything which is kept of a run is the same with the definition that the
// run goes on with.
func (r *Runner) keeps(v replayed, before []engine.Event, e journal.Entry, p *program.Program) error {
	differs := func(step, reason string) error {
		return &engine.Refusal{Code: engine.RefusedDefinition, Run: v.run.ID, Step: step, Reason: reason}
	}
	var after []engine.Event
	run := v.run
	run.State, run.Cancel = journal.State{}, false
	seen, err := r.replay(run, append(slices.Clone(v.all), e), p, newWatcher(func(e engine.Event) { after = append(after, e) }))
	if damage, ok := errors.AsType[*journal.DamageError](err); ok {
		return differs(e.Step, damage.Reason)
	}
	if err != nil {
		return err
	}
	if _, there := seen.begun[e.Step]; !there {
		return differs(e.Step, fmt.Sprintf("it has no step %q after what is kept", e.Step))
	}
	if step := otherName(e.Step, v.result.Steps, seen.result.Steps); step != "" {
		return differs(step, fmt.Sprintf("step %q is kept, and has another name there", step))
	}
	was, now := byBranch(before), byBranch(after)
	was[""] = was[""][:v.begun[e.Step].events]
	if len(now[""]) < len(was[""]) {
		return differs(e.Step, "it lacks steps that are kept")
	}
	for _, path := range slices.Sorted(maps.Keys(now)) {
		for i := range min(len(was[path]), len(now[path])) {
			if step := was[path][i].Step; !stays(was[path][i], now[path][i]) {
				return differs(step, fmt.Sprintf("step %q is kept, and is not the same there", step))
			}
		}
	}
	return nil
}

// otherName returns the first of the steps in now, up to the step until, that has another name in
// was, or "".
func otherName(until string, was, now []engine.StepResult) string {
	for _, s := range now {
		if s.ID == until {
			break
		}
		i := slices.IndexFunc(was, func(before engine.StepResult) bool { return before.ID == s.ID })
		if i >= 0 && was[i].Name != s.Name {
			return s.ID
		}
	}
	return ""
}

// byBranch returns the events of each branch by themselves: those of branches side by side have no
// order among each other while the run is replayed.
func byBranch(events []engine.Event) map[string][]engine.Event {
	all := map[string][]engine.Event{}
	for _, e := range events {
		all[e.Branch] = append(all[e.Branch], e)
	}
	return all
}

// stays reports whether an event that is kept is the same. How long an approval can be decided
// depends on the workflow's time, which is longer for a run that is done again.
func stays(was, now engine.Event) bool {
	if was.Kind == engine.EventStepAsks {
		was.Wait, now.Wait = 0, 0
	}
	was.At, now.At = time.Time{}, time.Time{}
	return reflect.DeepEqual(was, now)
}
