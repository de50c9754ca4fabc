package plan

import (
	"maps"

	"errand/engine/program"
)

func (w *walk) parallel(s *program.Step, a *program.Parallel, st *Step) map[string]any {
	groups, ends := make([]Group, len(a.Branches)), make([]*walk, len(a.Branches))
	w.concurrently(len(a.Branches), func(i int, y *walk) {
		b := a.Branches[i]
		groups[i], ends[i] = Group{Kind: branchGroup, Label: b.Name, Steps: y.list(b.Steps)}, y
	})
	for _, y := range ends {
		w.join(y, true)
	}
	st.Groups = groups
	return w.conclude(s, nil)
}

// conclude returns the outputs of a step that contains others, with its own outputs.
func (w *walk) conclude(s *program.Step, own map[string]any) map[string]any {
	made := w.outputs(s)
	if made["success"] == true {
		made["result_message"] = "done"
	}
	maps.Copy(made, own)
	return made
}
