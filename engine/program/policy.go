package program

import (
	"cmp"
	"time"

	"errand/engine/definition"
)

// policy settles how long a step may take and how it is tried again: what the step says, else the defaults, else Errand's own.
// The default time-out is for tasks: a step that holds others, or waits for a person, takes as long as these.
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
