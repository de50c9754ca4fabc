package cmd

import (
	"slices"
	"strings"
	"time"

	"errand/engine"
	"errand/engine/program"
)

// reach adds the rows inside a step that begins: those of a called workflow, and of the case that a
// switch takes.
func (t *liveTree) reach(r *liveRow, e engine.Event) {
	items, _ := t.places[r.place].Key.Match(program.Key(e.Step))
	switch {
	case e.Items != nil: // items have rows when they begin
	case e.Case == nil:
		t.listInside(r.place, items, nil)
	case e.Case.Else:
		lists := r.step.Lists()
		t.listInside(r.place, items, lists[len(lists)-1])
	case e.Case.Number > 0:
		t.listInside(r.place, items, r.step.Lists()[e.Case.Number-1])
	}
}

// cancel marks what was cut off. If a branch of a run is at a step, everything else in this branch,
// and in those that it forked into, is over. If the step is nil, the run is.
func (t *liveTree) cancel(branch string, at *liveRow) {
	around := map[*liveRow]bool{}
	for r := at; r != nil; r = r.around {
		around[r] = true
	}
	for r := range t.active {
		switch {
		case !r.phase.active():
			delete(t.active, r)
		case !around[r] && (branch == "" || r.branch == branch || strings.HasPrefix(r.branch, branch+"/")):
			r.phase, r.text, r.until = liveCancelled, "", time.Time{}
		}
	}
}

// again resets a step that runs again, and all that comes after it. What runs beside it goes on
// where it failed or was cut off.
func (t *liveTree) again(r *liveRow) {
	t.reset(r)
	for at := r; at != t.root; at = at.around {
		beside, after := at.around.sideBySide(), false
		for _, s := range slices.Clone(at.around.within) {
			switch {
			case s == at:
				after = true
			case beside:
				s.each(t.reopen)
			case after || s.kind == liveHandler:
				t.reset(s)
			}
		}
		t.reopen(at.around)
	}
}

// reopen makes a row go on after a failure.
func (t *liveTree) reopen(r *liveRow) {
	if r.phase != liveFailed && r.phase != liveCancelled {
		return
	}
	r.phase, r.text = livePending, ""
	if len(r.within) > 0 {
		r.phase, t.active[r] = liveRunning, true
	}
}

// sideBySide reports whether the rows inside a row run at the same time.
func (r *liveRow) sideBySide() bool {
	if len(r.within) > 0 && r.within[0].kind == liveBranch {
		return true
	}
	if r.step == nil {
		return false
	}
	loop, ok := r.step.Action.(*program.ForEach)
	return ok && loop.Limit > 1
}

// reset makes the steps of a row pending, and removes what appears only when the run reaches it.
func (t *liveTree) reset(r *liveRow) {
	if r.kind == liveHandler || r.kind == liveItem {
		t.remove(r)
		return
	}
	r.liveState = liveState{}
	for _, s := range slices.Clone(r.within) {
		t.reset(s)
	}
}
