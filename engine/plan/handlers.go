package plan

import (
	"errand/engine/program"
)

// handlers plans the steps for a failure of a step, and for a later failure of the run. before is
// what was known when the step began, or nil if the step does not run.
func (w *walk) handlers(s *program.Step, st *Step, before *walk) {
	if before == nil {
		before = w.branch()
	}
	if len(s.OnFailure) > 0 {
		y := before.withCondition(w.key(s) + " fails")
		y.offPath = true
		failed := map[string]any{}
		for _, f := range s.Outputs.Fields {
			failed[f.Name] = nil
		}
		failed["success"] = false
		for _, name := range []string{"result_code", "result_message"} {
			failed[name] = program.ComesFrom("steps." + s.Key + "." + name)
		}
		y.learn(s, failed)
		y.env["failure"] = program.ComesFrom("failure")
		st.OnFailure = y.list(s.OnFailure)
		w.join(y, false)
	}
	if len(s.Undo) > 0 {
		y := w.withCondition("the run fails after " + string(w.label.Step(s.ShortName())))
		y.offPath, y.deadline = true, 0
		y.env["failure"] = program.ComesFrom("failure")
		st.Undo = y.list(s.Undo)
	}
}

// onFailure plans on_failure of a program. It is not known which steps have run by then.
func (w *walk) onFailure(p *program.Program) []Step {
	y := w.atTheEnd()
	what := "the run"
	if w.in != "" {
		what = string(w.label)
	}
	y.when = append(y.when, what+" fails")
	steps := y.list(p.OnFailure)
	w.join(y, false)
	return steps
}

// finally plans finally of a program.
func (w *walk) finally(p *program.Program) []Step { return w.atTheEnd().list(p.Finally) }

func (w *walk) atTheEnd() *walk {
	y := w.branch()
	for id := range y.steps {
		y.steps[id] = program.ComesFrom("steps." + id)
	}
	y.env["failure"] = program.ComesFrom("failure")
	y.offPath, y.deadline = true, 0
	return y
}
