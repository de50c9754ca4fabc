package engine

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"errand/engine/program"
)

// retry_rules.go holds the rules of a retry that are the same for every runner: where an ended run can go
// on, and what must be the same if it goes on with another definition.

// RetryPoint returns the main step that a run goes on from: from, or the step that failed or was
// cancelled if from is empty. reached reports whether the run reached a step. The refusal is nil if
// there is such a step.
func RetryPoint(r Result, p *program.Program, from string, reached func(step string) bool) (string, *Refusal) {
	if from == "" && r.Failure != nil {
		from = r.Failure.Step
	}
	var steps []string
	for _, s := range p.Steps {
		if reached(s.Key) {
			steps = append(steps, s.Key)
		}
	}
	if from == "" && len(steps) > 0 {
		from = steps[len(steps)-1] // it was cancelled there
	}
	if slices.Contains(steps, from) {
		return from, nil
	}
	return "", &Refusal{Code: RefusedStep, Run: r.Run, Step: from, Steps: steps}
}

// MayKeep reports whether a run can keep the steps before one. It returns nil, or a refusal if one
// of them was undone. events are the run's.
func MayKeep(run string, p *program.Program, events []Event, before string) *Refusal {
	for _, s := range p.Steps {
		if s.Key == before {
			return nil
		}
		for _, e := range events {
			if e.Kind == EventHandlerBegins && e.Handler == HandlerUndo && s.Holds(program.Key(e.Step)) {
				return &Refusal{Code: RefusedUndone, Run: run, Step: s.Key, Steps: []string{s.Key}}
			}
		}
	}
	return nil
}

// KeepsAll reports whether everything that a retry from a step keeps is the same with the definition
// that the run goes on with. was are the run's events, of which kept events of the main steps come
// before the step; now are the events that the new definition tells when it is replayed, and begins
// reports whether the step is among them.
func KeepsAll(run, from string, was []Event, kept int, now []Event, begins bool) *Refusal {
	if !begins {
		return Differs(run, from, fmt.Sprintf("it has no step %q after what is kept", from))
	}
	before, after := byBranch(was), byBranch(now)
	before[""] = before[""][:kept]
	if len(after[""]) < kept {
		return Differs(run, from, "it lacks steps that are kept")
	}
	for _, path := range slices.Sorted(maps.Keys(after)) {
		for i := range min(len(before[path]), len(after[path])) {
			if step := before[path][i].Step; !stays(before[path][i], after[path][i]) {
				return Differs(run, step, fmt.Sprintf("step %q is kept, and is not the same there", step))
			}
		}
	}
	return nil
}

// KeepsNames reports whether every step before from has the name that it had. was are the steps that
// the run reached, now those that the new definition reaches when it is replayed.
func KeepsNames(run, from string, was, now []StepResult) *Refusal {
	for _, s := range now {
		if s.ID == from {
			break
		}
		i := slices.IndexFunc(was, func(before StepResult) bool { return before.ID == s.ID })
		if i >= 0 && was[i].Name != s.Name {
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
