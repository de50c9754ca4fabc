package definition

import "errand/engine/diag"

// undo reads the steps of `undo`. If nothing can ever run them, it reports the key and does not
// read them.
func (r *reader) undo(m *mapping, in setting) ([]*Step, diag.Range) {
	n := m.get("undo")
	if n == nil {
		return nil, diag.Range{}
	}
	at := m.at("undo")
	if in.noUndo != "" {
		p := r.report(ruleUndo, at, "remove it", "a step inside %s cannot have an undo", in.noUndo)
		p.Notes = []string{"nothing runs after it that could start the undo"}
		if in.noUndo == "an undo" {
			p.Notes = []string{"the steps of an undo are never undone themselves"}
		}
		return nil, diag.Range{}
	}
	if m.has(FailForm) {
		p := r.report(ruleUndo, at, "remove it", "a step with %q cannot have an undo", FailForm)
		p.Notes = []string{"the step never succeeds, so there is nothing to undo"}
		return nil, diag.Range{}
	}
	in.noUndo = "an undo"
	return r.steps(n, `"undo"`, in.below(".undo")), at
}
