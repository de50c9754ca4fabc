package program

import (
	"slices"

	"errand/engine/diag"
	"errand/engine/task"
)

// hasty reports whether a task changes a thing while an earlier change of it may still be under way.
// To destroy it is always possible.
func (c change) hasty(in *Program, t *Task) bool {
	return t.Type.Awaits != "" && t.Type.Name != c.task.Type.Name && t.Type.Change.Verb == task.Changes && c.isSeenBy(in, t)
}

// reportHasty warns of a change behind another one, such as a start behind a stop.
func (r unobservedState) reportHasty(w *pathWalk, p path, s *Step, t *Task) {
	i := slices.IndexFunc(p.unseen, func(c change) bool { return c.hasty(w.program, t) })
	at := w.site(s)
	if i < 0 || r.hasty[at] {
		return
	}
	r.hasty[at] = true
	before := p.unseen[i]
	r.compiler.report(diag.Problem{
		Rule: "hasty-change", Severity: diag.Warning, Range: placeOf(r.compiler.written[at]), Label: "may come too early",
		Message: t.Type.Name + " follows " + before.task.Type.Name + ", which may not be complete",
		Help:    "wait for it: " + before.waitsWith(),
		Notes:   []string{"the change before it is that of " + w.describe(before.step)},
	})
}
