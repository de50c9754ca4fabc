package plan

import "slices"

// concurrently plans lists of steps that run in parallel, each on its own branch. Any list may
// change what another reads. So if systems are read, all lists are planned once before, without
// reading, to find their effects.
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
	last := w.elapsed
	for i := range n {
		y := w.branch()
		y.around = slices.Concat(w.around, slices.Concat(effects[:i]...), slices.Concat(effects[i+1:]...))
		list(i, y)
		last = max(last, y.elapsed)
	}
	w.elapsed = last
}
