package plan

import (
	"time"

	"errand/engine/program"
	"errand/engine/schema"
)

// A clock is the time of a walk, counted from the start of the run. Of steps that may take any time, it
// counts none.
type clock struct {
	elapsed  time.Duration // at least
	deadline time.Duration // 0 means none
	limit    string        // why a step fails when the deadline has passed
}

// within sets a time limit that begins now. It ends before the ones around it, or is ignored.
func (c *clock) within(limit time.Duration, what string) {
	if end := c.elapsed + limit; limit > 0 && (c.deadline == 0 || end < c.deadline) {
		c.deadline, c.limit = end, what+" would not be done within "+schema.FormatDuration(limit)
	}
}

// wait lets a wait pass that ends at a time. It returns why that is too late, or "".
func (c *clock) wait(until time.Duration) string {
	if c.deadline > 0 && until >= c.deadline {
		return c.limit
	}
	c.elapsed = max(c.elapsed, until)
	return ""
}

// decision returns how long a person has for a decision, and what happens then.
func (c *clock) decision(a *program.Approval) (within time.Duration, otherwise string) {
	if left := c.deadline - c.elapsed; c.deadline > 0 && (a.Within == 0 || a.Within > left) {
		return max(0, left), program.OtherwiseFail
	}
	return a.Within, a.Otherwise
}
