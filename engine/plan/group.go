package plan

import (
	"slices"

	"errand/engine/program"
)

// group plans the steps of a group in order.
func (w *walk) group(s *program.Step, a *program.Group, st *Step) map[string]any {
	y := w.branch()
	steps := y.list(a.Steps)
	w.join(y, true)
	st.Groups = []Group{{Kind: stepsGroup, Steps: steps}}
	st.ends = slices.ContainsFunc(steps, func(inner Step) bool { return inner.ends })
	return w.conclude(s, nil)
}
