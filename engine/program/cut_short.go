package program

import (
	"fmt"
	"time"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/schema"
)

// cutShort warns of a retry whose time limit can end before its first wait does, and of a poll whose
// step has a time-out that ends before the poll's own limit.
func (c *compiler) cutShort() {
	for _, s := range c.places() {
		d := c.written[s.Step]
		if r := d.Policy.Retry; r != nil && s.Retry.Attempts > 1 {
			c.cutRetry(s.Step, r)
		}
		if t, ok := s.Action.(*Task); ok && t.Until != nil && t.For > 0 && s.Timeout > 0 && s.Timeout < t.For {
			form := d.Form.(*definition.Task)
			p := diag.Problem{
				Rule: "cut-short", Severity: diag.Warning, Range: form.For.Range, Label: "longer than the time-out",
				Message: fmt.Sprintf("this poll never takes %s: the time-out of its step is %s", inWords(t.For), inWords(s.Timeout)),
				Help:    "write a longer `timeout`, or a shorter `for`",
			}
			if d.Policy.Timeout == nil {
				p.Notes = []string{"the time-out is that of `defaults`"}
			}
			c.report(p)
		}
	}
}

func (c *compiler) cutRetry(s *Step, written *definition.Retry) {
	limit, what := s.Retry.For, "`for`"
	if s.Timeout > 0 && (limit == 0 || s.Timeout < limit) {
		limit, what = s.Timeout, "the time-out of the step"
	}
	if limit == 0 || s.Retry.Shortest < limit {
		return
	}
	at := written.Range
	if written.Shortest != nil {
		at = written.Shortest.Range
	}
	c.report(diag.Problem{
		Rule: "cut-short", Severity: diag.Warning, Range: at, Label: "not shorter than the limit",
		Message: fmt.Sprintf("there may be no second attempt: the first wait takes up to %s, and %s ends after %s", inWords(s.Retry.Shortest), what, inWords(limit)),
		Help:    "write a shorter `backoff`, or a longer limit",
	})
}

func inWords(d time.Duration) string { return schema.FormatDuration(d) }
