package reference

import (
	"errand/engine/diag"
	"errand/engine/program"
)

// Rules is the reference of the check's rules, in Markdown.
func Rules() string {
	var rows [][]string
	for _, r := range program.Rules() {
		severity := "error"
		if r.Severity == diag.Warning {
			severity = "warning"
		}
		rows = append(rows, []string{Code(r.Name), severity, Plain(r.Title), Plain(r.Help)})
	}
	return table([]string{"rule", "severity", "what is wrong", "what to do"}, rows)
}
