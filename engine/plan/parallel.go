package plan

import "errand/engine/program"

func (w *walk) parallel(s *program.Step, a *program.Parallel, st *Step) map[string]any {
	before := w.branch()
	for _, b := range a.Branches {
		y := before.branch()
		st.Groups = append(st.Groups, Group{Kind: branchGroup, Label: b.Name, Steps: y.list(b.Steps)})
		w.join(y, true)
	}
	return w.concluded(s, nil)
}

// concluded are the outputs of a step that holds others, with its own.
func (w *walk) concluded(s *program.Step, own map[string]any) map[string]any {
	made := w.outputs(s)
	if made["success"] == true {
		made["result_message"] = "done"
	}
	for name, value := range own {
		made[name] = value
	}
	return made
}
