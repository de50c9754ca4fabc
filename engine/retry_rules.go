package engine

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"
)

// retry_rules.go holds what must be the same if an ended run goes on with another definition.

// KeepsAll reports whether everything that a retry keeps is the same with the definition that the
// run goes on with. was are the run's events and now those that the new definition emits when it is
// replayed; begins reports whether the replay comes to the step that the run goes on from.
func (p *RetryPlan) KeepsAll(run string, was, now []Event, begins bool) *Refusal {
	if !begins {
		return Differs(run, p.From, fmt.Sprintf("it has no step %q after what is kept", p.From))
	}
	before, after := byBranch(was), byBranch(now)
	for _, path := range slices.Sorted(maps.Keys(before)) {
		if !p.reaches(path) {
			continue
		}
		kept := before[path]
		if cut, is := p.Cuts[path]; is {
			kept = kept[:cut.Told]
		}
		for i := range min(len(kept), len(after[path])) {
			if step := kept[i].Step; !stays(kept[i], after[path][i]) {
				return Differs(run, step, fmt.Sprintf("step %q is kept, and is not the same there", step))
			}
		}
		if len(after[path]) < len(kept) {
			return Differs(run, p.From, "it lacks steps that are kept")
		}
	}
	return nil
}

// KeepsNames reports whether every step that is kept has the name that it had. was are the steps
// that the run reached, now those that the new definition reaches when it is replayed.
func (p *RetryPlan) KeepsNames(run string, was, now []StepResult) *Refusal {
	for _, s := range now {
		i := slices.IndexFunc(was, func(before StepResult) bool { return before.ID == s.ID })
		if i >= 0 && p.keepsStep(s.ID) && was[i].Name != s.Name {
			return Differs(run, s.ID, fmt.Sprintf("step %q is kept, and has another name there", s.ID))
		}
	}
	return nil
}

// Differs is the refusal of a definition that does not fit what is kept of a run.
func Differs(run, step, reason string) *Refusal {
	return &Refusal{Code: RefusedDefinition, Run: run, Step: step, Reason: reason}
}

// byBranch returns the events of each branch by themselves: those of branches side by side have no
// order among each other while the run is replayed.
func byBranch(events []Event) map[string][]Event {
	all := map[string][]Event{}
	for _, e := range events {
		all[e.Branch] = append(all[e.Branch], e)
	}
	return all
}

// stays reports whether an event that is kept is the same. How long an approval can be decided
// depends on the workflow's time, which is longer for a run that is done again.
func stays(was, now Event) bool {
	if was.Kind == EventStepAsks {
		was.Wait, now.Wait = 0, 0
	}
	was.At, now.At = time.Time{}, time.Time{}
	return reflect.DeepEqual(was, now)
}
