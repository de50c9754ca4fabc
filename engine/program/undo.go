package program

import (
	"errand/engine/definition"
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
	if !v.handler {
		inner.roots = append(inner.roots, schema.Field{Name: "failure", Type: failureType.OrNull()})
	}
	first := len(c.known)
	s.Undo = c.steps(d.Undo, inner)
	c.hide(first, `step "%s" runs only when the step before it is undone`, `refer to it within that undo`)
}
