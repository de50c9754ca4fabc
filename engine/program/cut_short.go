package program

import (
	"fmt"
	"slices"
	"time"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/schema"
)

// A bound is a time limit around a step.
type bound struct {
	name string // for messages, such as "the time-out of the workflow"
	of   time.Duration
	left time.Duration // when the step begins, at most
}

func (b bound) words() string {
	words := b.name + " is " + inWords(b.of)
	if b.left < b.of {
		words += ", and the steps before take at least " + inWords(b.of-b.left)
	}
	return words
}

// bounds are the time limits around a step.
type bounds []bound

// after returns the bounds after a step that takes a time at least.
func (b bounds) after(d time.Duration) bounds {
	rest := slices.Clone(b)
	for i := range rest {
		rest[i].left -= d
	}
	return rest
}

// tightest returns the bound that ends first. ok is false if there is none.
func (b bounds) tightest() (first bound, ok bool) {
	if len(b) == 0 {
		return first, false
	}
	return slices.MinFunc(b, func(a, b bound) int { return int(a.left - b.left) }), true
}

// cutShort warns of a retry whose time limit can end before its first wait does, and of a poll or an
// approval whose own limit no run reaches, because a time-out ends before it.
func (c *compiler) cutShort() {
	var around bounds
	if limit := c.program.Timeout; limit > 0 {
		around = bounds{{"the time-out of the workflow", limit, limit}}
	}
	c.cutSteps(c.program.Steps, around)
	c.cutSteps(c.program.OnFailure, nil)
	c.cutSteps(c.program.Finally, nil)
}

// ownTimeout names the time-out of a step that holds no others.
const ownTimeout = "the time-out of its step"

func (c *compiler) cutSteps(steps []*Step, around bounds) {
	for _, s := range steps {
		inside := around
		if s.Timeout > 0 {
			name := fmt.Sprintf("the time-out of the step on line %d", c.written[s].Range.Start.Line)
			switch {
			case len(s.Lists()) == 0:
				name = ownTimeout
			case s.ID != "":
				name = fmt.Sprintf("the time-out of step %q", s.ID)
			}
			inside = append(slices.Clone(around), bound{name, s.Timeout, s.Timeout})
		}
		c.cutStep(s, inside)
		for _, list := range s.Lists() {
			c.cutSteps(list, inside)
		}
		c.cutSteps(s.OnFailure, around)
		c.cutSteps(s.Undo, nil)
		around = around.after(s.leastTime())
	}
}

func (c *compiler) cutStep(s *Step, around bounds) {
	d := c.written[s]
	limit, limited := around.tightest()
	if r := d.Policy.Retry; r != nil && s.Retry.Attempts > 1 {
		c.cutRetry(s, r, limit, limited)
	}
	if !limited {
		return
	}
	p := diag.Problem{Rule: "cut-short", Severity: diag.Warning, Label: "longer than the time-out"}
	if limit.left < limit.of {
		p.Label = "longer than what is left"
	}
	if a, poll := s.Action.(*Task); poll && a.Until != nil && a.For > limit.left {
		p.Range = d.Form.(*definition.Task).For.Range
		p.Message = fmt.Sprintf("this poll never takes %s: %s", inWords(a.For), limit.words())
		p.Help = "write a longer `timeout`, or a shorter `for`"
	} else if a, approval := s.Action.(*Approval); approval && a.Within > limit.left {
		p.Range = d.Form.(*definition.Approval).Within.Range
		p.Message = fmt.Sprintf("nobody has %s to decide: %s; then the step fails, and `otherwise` does not apply", inWords(a.Within), limit.words())
		p.Help = "write a longer `timeout`, or a shorter `within`"
	} else {
		return
	}
	if d.Policy.Timeout == nil && limit.name == ownTimeout {
		p.Notes = []string{"the time-out is that of `defaults`"}
	}
	c.report(p)
}

func (c *compiler) cutRetry(s *Step, written *definition.Retry, around bound, limited bool) {
	limit, what := s.Retry.For, "`for` is "+inWords(s.Retry.For)
	if limited && (limit == 0 || around.left < limit) {
		limit, what = around.left, around.words()
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
		Message: fmt.Sprintf("there may be no second attempt: the first wait takes up to %s, but %s", inWords(s.Retry.Shortest), what),
		Help:    "write a shorter `backoff`, or a longer limit",
	})
}

func inWords(d time.Duration) string { return schema.FormatDuration(d) }
