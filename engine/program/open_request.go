package program

import (
	"slices"

	"errand/engine/definition"
	"errand/engine/diag"
)

// The rule knows these task types by name.
const (
	closingTask = "ism.close_service_request"
	openingTask = "ism.create_service_request"
)

// openRequest warns if a run can succeed on one path that closes its service request and on another
// that leaves it open: the closing step has an `if`, is in one case of a switch, or may fail
// without failing the run. If a definition never closes its request, the rule assumes that others
// close it. Steps that run only after a failure of the run do not count.
func (c *compiler) openRequest() {
	w := c.walkPaths(openRequest{})
	first := w.firstClosing(c.program.Steps)
	if first == nil {
		first = w.firstClosing(slices.DeleteFunc(slices.Clone(c.program.Finally), func(s *Step) bool {
			_, _, mayHold, _ := afterSuccess.decide(s.If, c.inputType)
			return !mayHold
		}))
	}
	if first == nil {
		return
	}
	open := w.toTheEnd(known{})
	if len(open) == 0 {
		return
	}
	at := first
	for _, s := range open[0].reached() {
		if closing := w.firstClosing([]*Step{s}); closing != nil {
			at = closing
			break
		}
	}
	p := diag.Problem{
		Rule: "open-request", Severity: diag.Warning, Range: placeOf(c.written[at]), Label: "not on every path",
		Message: "the run can succeed and leave its service request open",
		Help:    "close the request on that path too, or once for all paths: add a step with " + closingTask + " at the end of `steps`",
	}
	if why := open[0].why(); why != "" {
		p.Notes = []string{"it stays open if " + why}
	}
	c.report(p)
}

// placeOf returns the position of the name that a step calls.
func placeOf(d *definition.Step) diag.Range {
	if form, ok := d.Form.(definition.Caller); ok {
		return form.Callee().Range
	}
	return d.Range
}

// openRequest is the rule that paths close the request.
type openRequest struct{}

func (openRequest) matters(w *pathWalk, s *Step) bool {
	t, ok := s.Action.(*Task)
	return ok && w.closes(t)
}

func (openRequest) pass(w *pathWalk, s *Step, p path) (path, bool) {
	return p, !openRequest{}.matters(w, s)
}

func (openRequest) calls() string { return "leaves it open" }

func (w *pathWalk) closes(t *Task) bool {
	return t.Type.Name == closingTask && w.ticketOf(t) != foreign
}

// firstClosing returns the first step in a list, at any depth, that certainly closes the request of
// the run or calls a workflow that does. It returns nil if there is none.
func (w *pathWalk) firstClosing(steps []*Step) *Step {
	return w.closing(steps, func(whose belonging) bool { return whose == own })
}

// closing returns the first step in a list, at any depth, that closes a request of a given
// belonging or calls a workflow that does. It returns nil if there is none. It ignores steps of an
// undo.
func (w *pathWalk) closing(steps []*Step, is func(belonging) bool) *Step {
	for _, s := range steps {
		for p := range s.Places() {
			if p.InUndo() {
				continue
			}
			if t, ok := p.Action.(*Task); ok && t.Type.Name == closingTask && is(w.ticketOf(t)) {
				return p.Step
			}
			if a, ok := p.Action.(*Subworkflow); ok {
				callee := w.callee(p.Step, a)
				if callee.closing(a.Program.Steps, is) != nil || callee.closing(a.Program.Finally, is) != nil {
					return p.Step
				}
			}
		}
	}
	return nil
}
