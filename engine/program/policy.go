package program

import (
	"cmp"
	"time"

	"errand/engine/definition"
)

// policy sets the timeout and the retries of a step: those of the step, or of the defaults, or
// Errand's own defaults. The default timeout applies only to tasks. A step that contains other
// steps, or that waits for a person, has no timeout by default.
func (c *compiler) policy(d *definition.Step, s *Step, _ view) {
	s.Timeout = durationOf(d.Policy.Timeout)
	if _, ok := d.Form.(*definition.Task); ok {
		s.Timeout = durationOf(cmp.Or(d.Policy.Timeout, c.definition.Defaults.Timeout))
	}
	s.Retry = merge(merge(DefaultRetry, c.definition.Defaults.Retry), d.Policy.Retry)
	s.Retry.Stated = d.Policy.Retry != nil && s.Retry.Attempts > 1
}

func (c *compiler) workflowTimeout() { c.program.Timeout = durationOf(c.definition.Timeout) }

func merge(r Retry, stated *definition.Retry) Retry {
	if stated == nil {
		return r
	}
	if stated.Attempts != nil {
		r.Attempts = *stated.Attempts
	}
	if stated.Shortest != nil {
		r.Shortest = stated.Shortest.Value
	}
	if stated.Longest != nil {
		r.Longest = stated.Longest.Value
	}
	if stated.For != nil {
		r.For = stated.For.Value
	}
	return r
}

func durationOf(d *definition.Duration) time.Duration {
	if d == nil {
		return 0
	}
	return d.Value
}
