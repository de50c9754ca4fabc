package program

import (
	"fmt"
	"slices"
	"strings"

	"errand/engine/diag"
	"errand/engine/schema"
	"errand/engine/task"
)

// unobservedState warns if a run closes its service request after a step whose change is only
// accepted, and no step between them has seen the state that the change aims at: neither a poll nor
// a later change that waits for its state.
func (c *compiler) unobservedState() {
	w := c.walkPaths(unobservedState{c, map[*Step]bool{}, map[*Step]bool{}})
	w.toTheEnd(known{})
}

// A change is a step whose change was accepted.
type change struct {
	step *Step // of the checked definition
	task *Task
	in   *Program
	id   string // of the step in its program
}

type unobservedState struct {
	compiler *compiler
	reported map[*Step]bool
	hasty    map[*Step]bool // steps that were reported by reportHasty
}

func (unobservedState) matters(w *pathWalk, s *Step) bool {
	t, ok := s.Action.(*Task)
	return ok && (t.Type.Awaits != "" || t.observes() || t.Type.Name == closingTask)
}

func (r unobservedState) pass(w *pathWalk, s *Step, p path) (path, bool) {
	t, ok := s.Action.(*Task)
	switch {
	case !ok:
	case t.Type.Name == closingTask:
		if w.ticketOf(t) == own {
			for _, c := range p.unseen {
				if c.in != w.program || !w.warnsItself(t) {
					r.report(w, c, s)
				}
			}
			p.unseen = nil
		}
	case t.Type.Awaits != "" && t.isOnlyAccepted():
		r.reportHasty(w, p, s, t)
		p.unseen = append(slices.Clone(p.unseen), change{w.site(s), t, w.program, s.ID})
	default:
		r.reportHasty(w, p, s, t)
		p.unseen = slices.DeleteFunc(slices.Clone(p.unseen), func(c change) bool { return c.isSeenBy(w.program, t) })
	}
	return p, true
}

func (unobservedState) calls() string { return "ends" }

// warnsItself reports whether the walk is through a called program that by itself closes the request
// of the run with a task, so that it gets the warning itself.
func (w *pathWalk) warnsItself(closing *Task) bool {
	return w.caller != nil && (&pathWalk{program: w.program}).ticketOf(closing) == own
}

// observes reports whether a task waits until an output shows something.
func (t *Task) observes() bool {
	if t.Until == nil || t.Type.Change.Verb != task.Looks {
		return false
	}
	return slices.ContainsFunc(t.Until.Paths(), func(path string) bool {
		output := strings.TrimPrefix(path, "result.")
		return !slices.ContainsFunc(task.Result, func(common schema.Field) bool { return common.Name == output })
	})
}

// isOnlyAccepted reports whether a task does not wait for the state that its change aims at.
func (t *Task) isOnlyAccepted() bool {
	value := t.Input.member(t.Type.Awaits)
	literal, constant := value.(literalNode)
	return isUnset(value) || constant && literal.value == t.awaits()[0]
}

// awaits returns the values of the parameter that says until when a task waits.
func (t *Task) awaits() []any {
	field, _ := t.Type.Input.Field(t.Type.Awaits)
	return field.Type.Enum
}

// isSeenBy reports whether a task of a program that shows a state shows that of the changed thing.
// The rule assumes so if it cannot compare them.
func (c change) isSeenBy(in *Program, t *Task) bool {
	if t.Type.Connector() != c.task.Type.Connector() {
		return false
	}
	for _, name := range t.Type.Change.Parameters() {
		its, changed := t.Input.member(name), c.task.Input.member(name)
		if its == nil || in != c.in || changed != nil && sameValue(its, changed) {
			continue
		}
		if !slices.ContainsFunc(pathsOf(its), func(path string) bool { return c.mayName(path) }) {
			return false
		}
	}
	return true
}

// mayName reports whether a value that is read from a path may name the changed thing: an output of
// the change itself, or the item of a loop.
func (c change) mayName(path string) bool {
	root, rest, _ := strings.Cut(path, ".")
	switch root {
	case "steps":
		id, _, _ := strings.Cut(rest, ".")
		return id == c.id
	case "inputs", "request", "run":
		return false
	}
	return true
}

// sameValue reports whether two values of an input are written alike, or whether one is the item of
// a loop.
func sameValue(a, b node) bool {
	x, isLiteral := a.(literalNode)
	y, isAlso := b.(literalNode)
	if isLiteral || isAlso {
		return isLiteral && isAlso && string(x.json) == string(y.json)
	}
	return slices.Equal(pathsOf(a), pathsOf(b))
}

func (r unobservedState) report(w *pathWalk, c change, closing *Step) {
	if r.reported[c.step] {
		return
	}
	r.reported[c.step] = true
	r.compiler.report(diag.Problem{
		Rule: "unobserved-state", Severity: diag.Warning, Range: placeOf(r.compiler.written[c.step]), Label: "only accepted",
		Message: "the service request is closed, but no step waits until " + c.task.Type.Name + " is complete",
		Help:    c.waitsWith() + ", or poll the state before the request is closed",
		Notes:   []string{w.describe(closing) + " closes the request"},
	})
}

// waitsWith returns how to make the change wait for its state.
func (c change) waitsWith() string {
	states := make([]string, 0, len(c.task.awaits()))
	for _, state := range c.task.awaits()[1:] {
		states = append(states, c.task.Type.Awaits+": "+fmt.Sprint(state))
	}
	where := "under `with`"
	if call, ok := c.step.Action.(*Subworkflow); ok {
		where = "in the workflow " + call.Program.Name
	}
	return "add " + strings.Join(states, " or ") + " " + where
}
