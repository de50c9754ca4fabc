package plan

import (
	"maps"
	"slices"
	"strings"

	"errand/engine/program"
)

// A walk plans one list of steps after another, as a run would execute them. It has the values that
// a run would have at that point.
type walk struct {
	*planner
	p       *program.Program
	in      program.Key    // the item of a loop, or the calling step, that contains the steps
	label   program.Key    // the same for people: a step without an id has its task type or form
	env     map[string]any // the values for expressions; unknown ones are a program.Unknown
	steps   map[string]any // its member "steps"
	when    []string       // conditions for these steps that are not known
	around  []Effect       // the effects of the steps that run in parallel
	offPath bool           // the steps run only after a failure, or at the end
	quiet   bool           // the steps do not run; only their permissions are recorded
	clock
}

// branch returns a walk with the values of this one. It does not change this one.
func (w *walk) branch() *walk {
	y := *w
	y.env, y.steps, y.when = maps.Clone(w.env), maps.Clone(w.steps), slices.Clone(w.when)
	y.env["steps"] = y.steps
	return &y
}

// withCondition returns a branch with another condition.
func (w *walk) withCondition(condition string) *walk {
	y := w.branch()
	y.when = append(y.when, condition)
	return y
}

// join adds the outputs of a branch. If it is not certain that the branch runs, they are unknown.
func (w *walk) join(y *walk, certain bool) {
	if certain {
		w.elapsed = max(w.elapsed, y.elapsed)
	}
	for id, outputs := range y.steps {
		if _, known := w.steps[id]; known {
			continue
		}
		if !certain {
			outputs = program.ComesFrom("steps." + id)
		}
		w.steps[id] = outputs
	}
}

func (w *walk) list(steps []*program.Step) []Step {
	made := []Step{}
	for _, s := range steps {
		if w.planned++; w.isFull() {
			break
		}
		planned := w.step(s)
		if made = append(made, planned); planned.ends && !w.quiet {
			w.unreached(steps[len(made):])
			break
		}
	}
	return made
}

// unreached records what steps need that do not run, because a step before them certainly fails.
func (w *walk) unreached(steps []*program.Step) {
	y := w.branch()
	y.quiet = true
	y.list(steps)
	for _, s := range steps {
		w.learn(s, nil)
	}
}

func (w *walk) key(s *program.Step) string { return string(w.in.Step(s.Key)) }

func (w *walk) step(s *program.Step) Step {
	st := Step{ID: w.key(s), Label: string(w.label.Step(s.ShortName())), Name: s.Name, Task: s.Form(), Timeout: duration(s.Timeout), Continue: s.Continue}
	on, certain := w.branch(), true
	if s.If != nil {
		holds, known, err := program.EvalCondition(w.env, s.If)
		switch condition := plain(s.If.Source()); {
		case err != nil:
			st.Fault = "if: " + err.Error()
		case !known:
			st.If, certain = condition, false
			on = w.withCondition(condition)
		case !holds:
			st.Skipped = condition
			on.quiet = true
			on.action(s, &Step{})
			on.handlers(s, &Step{}, nil)
			w.learn(s, nil)
			return st
		}
	}
	before := on.branch()
	on.within(s.Timeout, "the step "+st.Label)
	on.learn(s, on.action(s, &st))
	on.deadline, on.limit = before.deadline, before.limit
	st.ends = st.ends && certain && !s.Continue && len(s.OnFailure) == 0
	on.handlers(s, &st, before)
	w.join(on, certain)
	return st
}

// learn records the outputs of a step, or nil if the step does not run.
func (w *walk) learn(s *program.Step, outputs map[string]any) {
	if s.ID == "" {
		return
	}
	if outputs == nil {
		w.steps[s.ID] = nil
		return
	}
	w.steps[s.ID] = outputs
}

// action plans what a step does and returns its outputs.
func (w *walk) action(s *program.Step, st *Step) map[string]any {
	switch a := s.Action.(type) {
	case *program.Task:
		return w.task(s, a, st)
	case *program.Parallel:
		return w.parallel(s, a, st)
	case *program.ForEach:
		return w.forEach(s, a, st)
	case *program.Switch:
		return w.choose(s, a, st)
	case *program.Subworkflow:
		return w.subworkflow(s, a, st)
	case *program.Approval:
		return w.approval(s, a, st)
	case *program.Group:
		return w.group(s, a, st)
	case *program.Fail:
		return w.fail(s, a, st)
	}
	panic("plan: a step without an action; was the program checked?")
}

// outputs returns unknown outputs for a step that has succeeded. If the definition handles the
// failure of the step, success is unknown, too.
func (w *walk) outputs(s *program.Step) map[string]any {
	made := map[string]any{}
	for _, f := range s.Outputs.Fields {
		made[f.Name] = program.ComesFrom("steps." + s.Key + "." + f.Name)
	}
	if !s.Continue && len(s.OnFailure) == 0 {
		made["success"], made["result_code"] = true, 0
	}
	return made
}

// plain returns a text on one line.
func plain(text string) string { return strings.Join(strings.Fields(text), " ") }
