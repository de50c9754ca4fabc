package program

import (
	"slices"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
)

// constantCondition warns of a condition that decides nothing: one that reads nothing, or that the conditions around it have decided
// already. facts are what those say.
func (c *compiler) constantCondition(e *definition.Expression, key string, compiled *expression.Program, facts []string) {
	p := diag.Problem{Rule: "constant-condition", Severity: diag.Warning, Range: e.Range}
	value, constant := compiled.Constant()
	holds := value == true
	if !constant {
		if holds = within(compiled.Implies(), facts); !holds && !within(compiled.Denies(), facts) {
			return
		}
		p.Notes = []string{"a condition around it, or a case before it, has decided that already"}
	}
	switch {
	case key == "until" && holds:
		p.Message, p.Label = "this poll ends with its first look", "always holds"
		p.Help = "compare something of `result`, or remove `until`, `every` and `for`"
	case key == "until":
		p.Message, p.Label = "this poll goes on until its time is up", "never holds"
		p.Help = "compare something of `result`"
	case holds:
		p.Message, p.Label = "this condition decides nothing", "always holds"
		p.Help = "remove the `if`, or correct the condition"
	default:
		p.Message, p.Label = "what stands under this condition never runs", "never holds"
		p.Help = "remove it, or correct the condition"
	}
	c.report(p)
}

// within reports whether conditions are all among the facts.
func within(conditions, facts []string) bool {
	return !slices.ContainsFunc(conditions, func(text string) bool { return !slices.Contains(facts, text) })
}
