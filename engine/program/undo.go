package program

import (
	"slices"

	"errand/engine/definition"
	"errand/engine/pattern"
	"errand/engine/schema"
)

// undo compiles a step's `undo`. It runs only where the step has succeeded, and sees what the step saw, and the step's own outputs. Why the
// run did not succeed is `failure`, which is null where it was cancelled.
func (c *compiler) undo(d *definition.Step, s *Step, v view) {
	if d.Undo == nil {
		return
	}
	inner := v.within(s)
	if s.ID != "" {
		inner.facts = append(inner.facts, "steps."+s.ID+".success")
	}
	first := len(c.known)
	if v.handler { // what was known of the failure that the step stood in for is not known of this one
		inner.maybeNoFailure, inner.otherFailure = true, first
		inner.facts = slices.DeleteFunc(inner.facts, aboutFailure)
	} else {
		inner.roots = append(inner.roots, schema.Field{Name: "failure", Type: failureType.OrNull()})
	}
	s.Undo = c.steps(d.Undo, inner)
	c.hide(first, `step "%s" runs only when the step before it is undone`, `refer to it within that undo`)
}

var failureRoot = pattern.New(`(^|[^.\w])failure\b`)

// aboutFailure reports whether a condition, in canonical text, may read `failure`.
func aboutFailure(condition string) bool { return failureRoot.MatchString(condition) }
