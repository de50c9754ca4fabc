package program

import (
	"fmt"
	"slices"

	"errand/engine/definition"
	"errand/engine/diag"
)

// Silence removes the warnings that comments of a file allow. It reports each comment that
// has no effect: the rule does not exist, the rule is an error, or there is no such warning. It
// reports the last case only if there are no errors, because some warnings are looked for only
// then.
func Silence(allows []definition.Allow, problems []diag.Problem) []diag.Problem {
	if len(allows) == 0 {
		return problems
	}
	var names []string // the names of the rules that can be silenced
	for _, r := range rules {
		if r.Severity == diag.Warning {
			names = append(names, r.Name)
		}
	}
	broken := diag.HasErrors(problems)
	var said []diag.Problem
	warn := func(p diag.Problem) {
		p.Severity = diag.Warning
		said = append(said, p)
	}
	for _, a := range allows {
		if len(a.Rules) == 0 {
			warn(diag.Problem{Rule: "unused-allow", Range: a.Range, Message: "this comment does not name a rule", Help: "write the name of the rule that is in brackets after the word warning"})
		}
		for _, t := range a.Rules {
			before := len(problems)
			problems = slices.DeleteFunc(problems, func(p diag.Problem) bool {
				return !p.IsError() && p.Rule == t.Value && p.Range.Start.Line == a.Line
			})
			switch {
			case len(problems) < before:
			case slices.Contains(names, t.Value):
				if broken {
					break
				}
				p := diag.Problem{
					Rule: "unused-allow", Range: t.Range, Label: "has no effect", Help: "remove it",
					Message: fmt.Sprintf("there is no %s on line %d", t.Value, a.Line),
				}
				if i := slices.IndexFunc(problems, func(p diag.Problem) bool { return p.Rule == t.Value }); i >= 0 {
					p.Help = fmt.Sprintf("move the comment to line %d, or to a line by itself above it", problems[i].Range.Start.Line)
				}
				warn(p)
			case slices.ContainsFunc(rules, func(r diag.Rule) bool { return r.Name == t.Value }):
				warn(diag.Problem{Rule: "unused-allow", Range: t.Range, Message: t.Value + " is an error; only warnings can be allowed", Help: "remove it"})
			default:
				p := diag.Problem{Rule: "unknown-rule", Range: t.Range, Message: fmt.Sprintf("there is no rule %q", t.Value), Help: diag.DidYouMean(t.Value, names)}
				if p.Help == "" {
					p.Help = "write the name of the rule that is in brackets after the word warning"
				}
				p.Fix = fix(t.Value, names, t.Range)
				warn(p)
			}
		}
	}
	return diag.Sort(append(problems, said...))
}
