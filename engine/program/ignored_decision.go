package program

import (
	"errand/engine/definition"
	"errand/engine/diag"
)

// ignoredDecisions warns of an approval whose decision no expression reads. A rejection is not a
// failure, so the run would go on.
func (c *compiler) ignoredDecisions() {
	for _, s := range c.places() {
		form, ok := c.written[s.Step].Form.(*definition.Approval)
		if !ok || c.read["steps"] || s.ID != "" && c.asksFor(s) {
			continue
		}
		help := "put the steps that depend on it under `if: steps." + s.ID + ".approved`"
		if s.ID == "" {
			help = "give the step an id, such as ok, and put the steps that depend on it under `if: steps.ok.approved`"
		}
		c.report(diag.Problem{
			Rule: "ignored-decision", Severity: diag.Warning, Range: form.Range, Label: "its decision is not used",
			Message: "the run goes on in the same way after an approval and after a rejection", Help: help,
		})
	}
}

func (c *compiler) asksFor(s Place) bool {
	path := "steps." + s.ID
	if c.read[path] || c.read[path+".approved"] {
		return true
	}
	for _, e := range s.Around {
		if _, loop := e.Action.(*ForEach); loop && e.ID != "" && c.reads(e.ID) {
			return true
		}
	}
	return false
}
