package local

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/journal"
	"errand/engine/program"
)

// Retry has a run that failed or was cancelled go on from one of its steps: the one that failed where from is "". What succeeded before
// that step stays. corrected takes the place of the definition; nil keeps it. The run is due at once then. Its errors are a
// *RefusedError, journal.ErrNotFound, or the journal's.
func (r *Runner) Retry(ctx context.Context, id, from, by string, corrected *program.Program) error {
	v, err := r.Look(ctx, id)
	if err != nil {
		return err
	}
	switch {
	case v.Run.Ended.IsZero():
		return &RefusedError{Reason: fmt.Sprintf("run %s has not ended; it is %s", id, v.Run.Status), Hint: "errand runs resume " + id}
	case v.Result.Status == engine.Succeeded:
		return &RefusedError{Reason: "run " + id + " succeeded; there is nothing to do again", Hint: "errand run --again asks for a new run"}
	}
	if from, err = v.point(from); err != nil {
		return err
	}
	if step := v.undone(from); step != "" {
		return &RefusedError{Reason: fmt.Sprintf("step %q was undone when the run failed, so it cannot stay", step), Hint: "go on from it: --from " + step}
	}
	e := journal.Entry{Kind: journal.Retried, At: after(v), Step: from, By: by, Keep: v.begun[from].entries}
	c := journal.Change{
		Run: id, Next: v.Run.Next, From: v.Run.Holder, Knows: true, Uncancel: true,
		State: journal.State{Status: string(engine.Waiting), Wake: e.At},
	}
	p := v.Program
	if corrected != nil {
		p = corrected
		e.Digest = p.Digest
		c.Source, c.File, c.Digest = p.Source, p.File, p.Digest
		r.keep(p)
	}
	if err := r.keeps(v, e, p); err != nil {
		return err
	}
	c.Entries = []journal.Entry{e}
	err = r.store(c)
	r.poke()
	return err
}

// point finds the step to go on from: one of the main ones that was reached.
func (v View) point(from string) (string, error) {
	if from == "" && v.Result.Failure != nil {
		from = v.Result.Failure.Step
	}
	var reached []string
	for _, s := range v.Program.Steps {
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
	help := diag.DidYouMean(from, reached)
	if help == "" {
		help = "the steps that were reached: " + strings.Join(reached, ", ")
	}
	return "", &RefusedError{Reason: fmt.Sprintf("run %s cannot go on from %q, which is no step that it reached", v.Run.ID, from), Hint: help}
}

// undone is the first step before from that was undone, or "".
func (v View) undone(from string) string {
	for _, s := range v.Program.Steps {
		if s.Key == from {
			return ""
		}
		for _, e := range v.Events {
			if e.Kind == engine.EventHandlerBegins && e.Message == "undo" && (e.Step == s.Key || strings.HasPrefix(e.Step, s.Key+".") || strings.HasPrefix(e.Step, s.Key+"[") || slices.Contains(s.Within(), e.Step)) {
				return s.Key
			}
		}
	}
	return ""
}

// keeps makes sure that all that stays of a run is the same with the definition that it goes on with.
func (r *Runner) keeps(v View, e journal.Entry, p *program.Program) error {
	var events []engine.Event
	entries := append(slices.Clone(v.Entries[:e.Keep]), e)
	run := v.Run
	run.State, run.Cancel = journal.State{}, false
	after, err := r.replay(run, entries, p, newWatcher(func(e engine.Event) { events = append(events, e) }))
	if damage, ok := errors.AsType[*journal.DamageError](err); ok {
		return &RefusedError{Reason: "the definition does not fit what stays of the run: " + damage.Reason, Hint: "what comes before the step --from must be as it was"}
	}
	if err != nil {
		return err
	}
	if _, there := after.begun[e.Step]; !there {
		return &RefusedError{Reason: fmt.Sprintf("the definition has no step %q after what stays of the run", e.Step), Hint: "what comes before the step --from must be as it was"}
	}
	was, now := byBranch(v.Events), byBranch(events)
	was[""] = was[""][:v.begun[e.Step].events]
	if len(now[""]) < len(was[""]) {
		return &RefusedError{Reason: "steps that stay are not in the definition any more", Hint: "what comes before the step --from must be as it was"}
	}
	for _, path := range slices.Sorted(maps.Keys(now)) {
		for i := range min(len(was[path]), len(now[path])) {
			if step := was[path][i].Step; !stays(was[path][i], now[path][i]) {
				return &RefusedError{
					Reason: fmt.Sprintf("step %q stays, and is not the same in the definition", step),
					Hint:   "go on from it, or from an earlier step, with --from " + step,
				}
			}
		}
	}
	return nil
}

// byBranch takes the events of each branch by themselves. Those of branches side by side are told in no order of their own.
func byBranch(events []engine.Event) map[string][]engine.Event {
	all := map[string][]engine.Event{}
	for _, e := range events {
		all[e.Branch] = append(all[e.Branch], e)
	}
	return all
}

// stays tells whether what is told of a step is the same. How long an approval could be decided depends on the workflow's time, which is
// longer for a run that is done again.
func stays(was, now engine.Event) bool {
	if was.Kind == engine.EventStepAsks {
		was.Wait, now.Wait = 0, 0
	}
	return now.String() == was.String() && now.Name == was.Name
}
