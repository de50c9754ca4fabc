package program

import (
	"slices"

	"errand/engine/definition"
	"errand/engine/schema"
)

// undo compiles the `undo` of a step. It runs only if the step succeeded, or failed after its
// change was accepted. It sees the same names as the step, and the step's outputs. These may be
// null if the type reads them after its change. `failure` is the reason why the run did not
// succeed, or null if the run was cancelled.
func (c *compiler) undo(d *definition.Step, s *Step, v view) {
	if d.Undo == nil {
		return
	}
	passed, _ := s.passes()
	inner := v.within(s, passed...)
	first := len(c.known)
	switch t, is := s.Action.(*Task); {
	case s.ID == "":
	case is && t.Type.Settles:
		defer c.ranAndMayHaveFailed(first - 1)()
	default:
		inner.facts = append(inner.facts, "steps."+s.ID+".success")
	}
	if v.handler { // facts about the failure that the step handled are not facts about this failure
		inner.maybeNoFailure, inner.otherFailure = true, first
		inner.facts = slices.DeleteFunc(inner.facts, aboutFailure)
	} else {
		inner.roots = append(inner.roots, schema.Field{Name: "failure", Type: failureType.OrNull()})
	}
	s.Undo = c.steps(d.Undo, inner)
	c.hide(first, `step "%s" runs only in an undo`, `use its outputs only inside that undo`)
}

// ranAndMayHaveFailed makes a known step one that has run and may have failed, until the returned
// function is called.
func (c *compiler) ranAndMayHaveFailed(index int) (restore func()) {
	k := c.known[index]
	c.known[index].lenient, c.known[index].standIn = true, false
	c.known[index].conjuncts, c.known[index].inside = nil, ""
	c.stepTypes.truncate(index)
	return func() {
		c.known[index] = k
		c.stepTypes.truncate(index)
	}
}

// aboutFailure reports whether a condition, in canonical text, may read `failure`.
func aboutFailure(condition string) bool { return reads(condition, "failure") }
