package reference

import (
	"errand/engine/diag"
	"errand/engine/program"
)

// Rules returns the reference of the check's rules in Markdown. example returns a link to a
// definition that violates a rule.
func Rules(example func(rule string) string) string {
	var rows [][]string
	for _, r := range program.Rules() {
		severity := "error"
		if r.Severity == diag.Warning {
			severity = "warning"
		}
		rows = append(rows, []string{Code(r.Name), severity, Plain(r.Title), Plain(r.Help), example(r.Name)})
	}
	return table([]string{"rule", "severity", "what is wrong", "what to do", "example"}, rows)
}
