package program

import (
	"slices"

	"errand/engine/diag"
	"errand/engine/expression"
)

// unusedInputs warns of an input that no expression reads. Whoever starts a run would give it for
// nothing. A text that only looks like an expression explains it, and has a warning of its own.
func (c *compiler) unusedInputs() {
	if slices.ContainsFunc(c.problems, func(p diag.Problem) bool { return p.Rule == "suspicious-template" }) {
		return
	}
	used := map[string]bool{}
	for path := range c.read {
		switch members := expression.Members(path); {
		case members[0] != "inputs":
		case len(members) == 1: // all of them
			return
		default:
			used[members[1]] = true
		}
	}
	for _, in := range c.definition.Inputs {
		if name := in.Name.Value; !used[name] {
			c.report(diag.Problem{
				Rule: "unused-input", Severity: diag.Warning, Range: in.Name.Range, Label: "is not used",
				Message: `the input "` + name + `" is not used`, Help: "read it as inputs." + name + ", or remove it",
			})
		}
	}
}
