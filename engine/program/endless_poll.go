package program

import (
	"errand/engine/definition"
	"errand/engine/diag"
)

// endlessPolls warns of a poll that nothing ends. The time-out of a step ends what belongs to its form. That of the workflow ends the main
// steps, and what stands in for them: what runs after these (undo, on_failure and finally) has the time that it needs, so that a
// run whose time is up can still say so on its request.
func (c *compiler) endlessPolls() {
	for _, s := range c.places() {
		t, ok := s.Action.(*Task)
		if !ok || t.Until == nil || t.For > 0 || s.Timeout > 0 || c.hasLimit(s) {
			continue
		}
		p := diag.Problem{ // as the parser words it where nothing has a time-out at all
			Rule: "poll-without-limit", Severity: diag.Warning, Range: c.written[s.Step].Form.(*definition.Task).Until.Range,
			Message: "nothing ends this poll if the condition never holds", Help: "add for: with a duration, such as 10m",
		}
		if c.program.Timeout > 0 {
			p.Notes = []string{"the workflow's timeout does not end what runs after its main steps: undo, on_failure and finally"}
		}
		c.report(p)
	}
}

// hasLimit reports whether the time-out of something around a step ends it.
func (c *compiler) hasLimit(s Place) bool {
	for i := len(s.Around) - 1; i >= 0; i-- {
		switch e := s.Around[i]; {
		case e.List == definition.InUndo:
			return false
		case e.List == definition.InForm && e.Timeout > 0:
			return true
		}
	}
	return s.Section == definition.MainSteps && c.program.Timeout > 0
}
