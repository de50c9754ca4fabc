package program

import (
	"fmt"

	"errand/engine/diag"
	"errand/engine/task"
)

// uncheckedRequest warns of a step that changes something outside the system of the service request
// before a step has checked that the request may be worked on, or after a wait in which the request
// may have been closed. Definitions that do not work on their request are not checked.
func (c *compiler) uncheckedRequest() {
	check, found := c.requestCheck()
	if !found {
		return
	}
	r := &uncheckedRequest{compiler: c, check: check, reported: map[*Step]bool{}}
	w := c.walkPaths(r)
	if r.worksOnRequest(w) {
		w.list(c.program.Steps, []path{{}})
	}
}

// requestCheck returns the task type that checks a request.
func (c *compiler) requestCheck() (task.Type, bool) {
	for _, name := range c.registry.Names() {
		if t, _ := c.registry.Lookup(name); t.Checks {
			return t, true
		}
	}
	return task.Type{}, false
}

type uncheckedRequest struct {
	compiler *compiler
	check    task.Type
	reported map[*Step]bool // by the wait since which the check is old; nil if there is no check
}

// worksOnRequest reports whether a step of a program, or of one that it calls, changes the request
// of the run.
func (r *uncheckedRequest) worksOnRequest(w *pathWalk) bool {
	for p := range w.program.Places() {
		if t, ok := p.Action.(*Task); ok && t.Type.Connector() == r.check.Connector() && !isRead(t.Type) && w.ticketOf(t) == own {
			return true
		}
		if a, ok := p.Action.(*Subworkflow); ok && r.worksOnRequest(w.callee(p.Step, a)) {
			return true
		}
	}
	return false
}

// warnsItself reports whether the walk is through a called program that gets the warning itself.
func (r *uncheckedRequest) warnsItself(w *pathWalk) bool {
	return w.caller != nil && r.worksOnRequest(&pathWalk{rule: r, program: w.program})
}

// isRead reports whether a task changes nothing.
func isRead(t task.Type) bool { return t.Effect == task.Pure || t.Effect == task.Reads }

func (r *uncheckedRequest) matters(_ *pathWalk, s *Step) bool {
	t, calls := s.Action.(*Task)
	_, asks := s.Action.(*Approval)
	return asks || calls && (t.Type.Checks || t.Type.Waits || r.acts(t))
}

// acts reports whether a task changes something outside the system of the request.
func (r *uncheckedRequest) acts(t *Task) bool {
	return !isRead(t.Type) && t.Type.Connector() != r.check.Connector()
}

func (r *uncheckedRequest) pass(w *pathWalk, s *Step, p path) (path, bool) {
	t, calls := s.Action.(*Task)
	switch {
	case !calls || t.Type.Waits:
		if p.checked {
			p.checked, p.outdated = false, s
		}
	case t.Type.Checks && w.ticketOf(t) != foreign:
		p.checked = true
	case r.acts(t):
		if !p.checked && !r.warnsItself(w) {
			r.report(w, s, t, p)
		}
		p.checked = true // one warning on a path is enough
	}
	return p, true
}

func (*uncheckedRequest) calls() string { return "ends" }

func (r *uncheckedRequest) report(w *pathWalk, s *Step, t *Task, p path) {
	if r.reported[p.outdated] {
		return
	}
	r.reported[p.outdated] = true
	site := w.site(s)
	d := diag.Problem{
		Rule: "unchecked-request", Severity: diag.Warning, Range: placeOf(r.compiler.written[site]), Label: "no check before it",
		Message: t.Type.Name + " acts before it is known that the service request may be worked on",
		Help:    "add a step before it: {task: " + r.check.Name + ", with: {ticket: \"${{ request.id }}\"}}",
	}
	switch {
	case p.outdated != nil:
		d.Label = "the last check is old"
		d.Notes = []string{fmt.Sprintf("the request may have been closed while %s waited", w.describe(p.outdated))}
	default:
		if why := p.why(); why != "" {
			d.Notes = []string{"the request is not checked if " + why}
		}
	}
	r.compiler.report(d)
}
