package program

import (
	"fmt"
	"math"
	"time"

	"errand/engine/definition"
	"errand/engine/diag"
)

// tooShort reports a time-out that always ends before the waits in it do. It does not do so for the
// definition of a run that has started: the run goes on until the time-out.
func (c *compiler) tooShort() {
	if c.pinned || c.broken {
		return
	}
	if limit := c.definition.Timeout; limit != nil {
		c.tooShortFor(c.program.least, limit, limit.Range, "this workflow")
	}
	for _, s := range c.places() {
		d := c.written[s.Step]
		switch limit := d.Policy.Timeout; {
		case limit != nil:
			c.tooShortFor(s.leastWait(), limit, limit.Range, "this step")
		case s.Timeout > 0: // that of `defaults`, which many steps may have
			c.tooShortFor(s.leastWait(), c.definition.Defaults.Timeout, d.Range, "this step")
		}
	}
}

// tooShortFor reports a time limit for what takes a time at least. A wait must end before the limit.
func (c *compiler) tooShortFor(takes time.Duration, limit *definition.Duration, at diag.Range, what string) {
	if takes < limit.Value || takes == 0 {
		return
	}
	p := diag.Problem{
		Rule: "timeout-too-short", Range: at, Label: "not longer than its waits",
		Message: fmt.Sprintf("%s always fails: its waits take at least %s, and its time-out is %s", what, inWords(takes), inWords(limit.Value)),
		Help:    "write a longer `timeout`, or shorter delays",
	}
	if at != limit.Range {
		p.Label, p.Notes = "does not end before its time-out", []string{"the time-out is that of `defaults`"}
	}
	c.report(p)
}

// leastTime returns the time that the step takes in every run that goes on after it, as far as that is
// known. It is 0 if the step may be skipped, or may fail while the run goes on.
func (s *Step) leastTime() time.Duration {
	switch least := s.leastWait(); {
	case s.If != nil || s.Continue || len(s.OnFailure) > 0:
		return 0
	case s.Timeout > 0:
		return min(least, s.Timeout)
	default:
		return least
	}
}

// leastWait returns the time that the step takes if it succeeds, as far as that is known.
func (s *Step) leastWait() (least time.Duration) {
	switch a := s.Action.(type) {
	case *Task:
		return a.leastWait()
	case *Parallel:
		for _, b := range a.Branches {
			least = max(least, leastTimeOf(b.Steps))
		}
	case *ForEach:
		lanes, item := max(1, a.Limit), leastTimeOf(a.Steps)
		for range (a.knownItems() + lanes - 1) / lanes { // one after the other
			least = add(least, item)
		}
	case *Switch:
		least = leastTimeOf(a.Else) // 0 if there is no else
		for _, k := range a.Cases {
			least = min(least, leastTimeOf(k.Steps))
		}
	case *Subworkflow:
		least = a.Program.least
	case *Group:
		least = leastTimeOf(a.Steps)
	}
	return least
}

func leastTimeOf(steps []*Step) (sum time.Duration) {
	for _, s := range steps {
		sum = add(sum, s.leastTime())
	}
	return sum
}

// add returns the sum of two times, or the longest one if that is too long.
func add(a, b time.Duration) time.Duration {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// leastWait returns the value of the parameter that says how long the task takes, if it is a constant.
func (t *Task) leastWait() time.Duration {
	if t.Type.Lasts == "" || t.Input.root == nil {
		return 0
	}
	value, _ := knownValue(t.Input.member(t.Type.Lasts))
	d, _ := value.(time.Duration)
	return max(0, d)
}
