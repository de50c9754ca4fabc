package plan

import "errand/engine/program"

// choose plans the first case that holds, if that is known; otherwise it plans each case that may
// be the first.
func (w *walk) choose(s *program.Step, a *program.Switch, st *Step) map[string]any {
	before := w.branch()
	chosen := false // a case certainly holds, so later cases do not run
	pass := func(g Group, steps []*program.Step, condition string) {
		y := before.branch()
		y.quiet = y.quiet || chosen
		certain := !chosen && len(st.Groups) == 0 && condition == ""
		if condition != "" {
			y = y.withCondition(condition)
		} else if len(st.Groups) > 0 {
			y = y.withCondition("no earlier case holds")
		}
		if g.Steps = y.list(steps); chosen {
			for id := range y.steps {
				y.steps[id] = nil
			}
			w.join(y, true)
			return
		}
		w.join(y, certain)
		if len(steps) > 0 {
			st.Groups = append(st.Groups, g)
		}
	}
	for _, c := range a.Cases {
		holds, known, err := program.EvalCondition(before.env, c.If)
		condition := plain(c.If.Source())
		switch {
		case err != nil:
			st.Fault = "switch: " + err.Error()
			pass(Group{Kind: caseGroup, If: condition}, c.Steps, condition)
		case !known:
			pass(Group{Kind: caseGroup, If: condition}, c.Steps, condition)
		case !holds:
			was := chosen
			chosen = true
			pass(Group{}, c.Steps, condition)
			chosen = was
		case holds:
			pass(Group{Kind: stepsGroup, Label: condition}, c.Steps, "")
			chosen = true
		}
	}
	pass(Group{Kind: elseGroup}, a.Else, "")
	return w.conclude(s, nil)
}
