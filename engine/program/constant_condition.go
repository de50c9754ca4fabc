package program

import (
	"slices"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
)

// constantCondition warns of a condition with a constant result: it reads nothing, or the
// conditions around it already decide it. facts are the conditions around it.
func (c *compiler) constantCondition(e *definition.Expression, key string, compiled *expression.Program, facts []string) {
	p := diag.Problem{Rule: "constant-condition", Severity: diag.Warning, Range: e.Range}
	value, constant := compiled.Constant()
	holds := value == true
	if !constant {
		if holds = containsAll(compiled.Implies(), facts); !holds && !containsAll(compiled.Denies(), facts) {
			return
		}
		p.Notes = []string{"a condition around it, or a case or a fail before it, already decides this"}
	}
	switch {
	case key == "until" && holds:
		p.Message, p.Label = "this poll always ends after the first call", "is always true"
		p.Help = "compare an output in `result`, or remove `until`, `every` and `for`"
	case key == "until":
		p.Message, p.Label = "this poll goes on until its time limit", "is never true"
		p.Help = "compare an output in `result`"
	case holds:
		p.Message, p.Label = "this condition has no effect", "is always true"
		p.Help = "remove the `if`, or correct the condition"
	case c.owner == ownerRule:
		p.Message, p.Label = "this rule never starts its workflow", "is never true"
		p.Help = "remove the rule, or correct the condition"
	default:
		p.Message, p.Label = "the steps under this condition never run", "is never true"
		p.Help = "remove the steps, or correct the condition"
	}
	c.report(p)
}

// containsAll reports whether all conditions are among the facts.
func containsAll(conditions, facts []string) bool {
	return !slices.ContainsFunc(conditions, func(text string) bool { return !slices.Contains(facts, text) })
}
