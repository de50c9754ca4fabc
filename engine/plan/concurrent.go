package plan

import "slices"

// concurrently plans lists of steps that run side by side, each with a branch of its own. What one
// of them reads may be changed by any other: so where systems are read, all are planned once
// without it, for their effects.
func (w *walk) concurrently(n int, list func(i int, y *walk)) {
	effects := make([][]Effect, n)
	if w.Read && !w.quiet && n > 1 {
		for i := range n {
			aside := *w.planner
			aside.Read, aside.needs, aside.blocks = false, slices.Clone(w.needs), nil
			aside.effects, aside.later, aside.planned = nil, nil, w.aside
			y := w.branch()
			y.planner = &aside
			list(i, y)
			effects[i], w.aside = aside.blocks, aside.planned
		}
	}
	for i := range n {
		y := w.branch()
		y.around = slices.Concat(w.around, slices.Concat(effects[:i]...), slices.Concat(effects[i+1:]...))
		list(i, y)
	}
}
