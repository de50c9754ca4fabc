package program

import (
	"errand/engine/diag"
	"errand/engine/schema"
)

// discouragedValue warns of a value that is allowed but rarely useful, such as an instance type
// that few accounts can launch.
func (c *compiler) discouragedValue(f schema.Field, value any, at diag.Range, label string) {
	for _, caution := range f.Type.Discouraged {
		if caution.Value == value {
			c.report(diag.Problem{
				Rule: "discouraged-value", Severity: diag.Warning, Range: at, Label: label,
				Message: f.Name + " " + caution.Value + ": " + caution.Reason,
				Help:    "choose another value for `" + f.Name + "`",
			})
		}
	}
}
