package plan

import (
	"maps"
	"slices"
	"strings"

	"errand/engine/program"
)

// A walk goes through one list of steps after the other, as a run would, and knows what a run would know by then.
type walk struct {
	*planner
	p      *program.Program
	in     program.Key    // the item of a loop or the step of another program that the steps are in
	env    map[string]any // what expressions see, with a program.Unknown for what is not known
	steps  map[string]any // its member "steps"
	when   []string       // what must be the case for these steps to run, and is not known
	around []Effect       // what runs side by side with these steps does
	apart  bool           // they are not on the way on which all succeeds
	quiet  bool           // they do not run; only what they need is taken down
}

// branch is a walk that knows what this one knows, and leaves it as it is.
func (w *walk) branch() *walk {
	y := *w
	y.env, y.steps, y.when = maps.Clone(w.env), maps.Clone(w.steps), slices.Clone(w.when)
	y.env["steps"] = y.steps
	return &y
}

// under is a branch on which something further must be the case.
func (w *walk) under(condition string) *walk {
	y := w.branch()
	y.when = append(y.when, condition)
	return y
}

// join takes over what a branch came to; where it is not certain that it runs, all that it learnt is unknown.
func (w *walk) join(y *walk, certain bool) {
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
		if w.planned++; w.full() {
			break
		}
		made = append(made, w.step(s))
	}
	return made
}

func (w *walk) key(s *program.Step) string { return string(w.in.Step(s.Key)) }

func (w *walk) step(s *program.Step) Step {
	st := Step{ID: w.key(s), Name: s.Name, Task: s.Form(), Timeout: duration(s.Timeout), Continue: s.Continue}
	on, certain := w.branch(), true
	if s.If != nil {
		holds, known, err := program.EvalCondition(w.env, s.If)
		switch condition := plain(s.If.Source()); {
		case err != nil:
			st.Fault = "if: " + err.Error()
		case !known:
			st.If, certain = condition, false
			on = w.under(condition)
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
	on.learn(s, on.action(s, &st))
	on.handlers(s, &st, before)
	w.join(on, certain)
	return st
}

// learn keeps what a step returns; nil where it does not run.
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

// action plans what a step does, and returns its outputs.
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
	}
	panic("plan: a step without an action; was the program checked?")
}

// outputs are those of a step that has succeeded, of which more is not known. Where the definition takes care of its failure, it is not
// known either whether it has.
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

// plain is a text on one line.
func plain(text string) string { return strings.Join(strings.Fields(text), " ") }
