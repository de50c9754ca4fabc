package reference

import (
	"errand/engine/diag"
	"errand/engine/program"
)

// Rules is the reference of the check's rules, in Markdown. example is a link to a definition of which a rule says something.
func Rules(example func(rule string) string) string {
	var rows [][]string
	for _, r := range program.Rules() {
		severity := "error"
		if r.Severity == diag.Warning {
			severity = "warning"
		}
		rows = append(rows, []string{Code(r.Name), severity, Plain(r.Title), Plain(r.Help), example(r.Name)})
	}
	return table([]string{"rule", "severity", "what is wrong", "what to do", "for example"}, rows)
}
