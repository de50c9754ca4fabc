package program

import (
	"errand/engine/definition"
	"errand/engine/diag"
)

// endlessPolls warns of a poll without a time limit. The timeout of a step ends the steps of its
// form. The timeout of the workflow ends the main steps and their on_failure steps. It does not end
// the steps that run later (undo, on_failure and finally of the workflow), so that a run that timed
// out can still report this on its request.
func (c *compiler) endlessPolls() {
	if c.definition.UnreadDuration {
		return
	}
	for _, s := range c.places() {
		t, ok := s.Action.(*Task)
		if !ok || t.Until == nil || t.For > 0 || s.Timeout > 0 || c.hasLimit(s) {
			continue
		}
		p := diag.Problem{
			Rule: "poll-without-limit", Severity: diag.Warning, Range: c.written[s.Step].Form.(*definition.Task).Until.Range,
			Message: "this poll never ends if its condition never becomes true", Help: "add for: with a duration, such as 10m",
		}
		if c.program.Timeout > 0 {
			p.Notes = []string{"the timeout of the workflow does not apply to steps that run after the main steps: undo, on_failure and finally"}
		}
		c.report(p)
	}
}

// hasLimit reports whether a timeout around a step ends the step.
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
