package definition

import "errand/engine/diag"

// undo reads the steps that take a step back. Where nothing could call for them they are refused, and not read.
func (r *reader) undo(m *mapping, in setting) ([]*Step, diag.Range) {
	n := m.get("undo")
	if n == nil {
		return nil, diag.Range{}
	}
	at := m.at("undo")
	if in.noUndo != "" {
		p := r.report(ruleUndo, at, "remove it", "a step within %s has no undo", in.noUndo)
		p.Notes = []string{"nothing comes after it that could call for it"}
		if in.noUndo == "an undo" {
			p.Notes = []string{"what was taken back is not taken back again"}
		}
		return nil, diag.Range{}
	}
	in.noUndo = "an undo"
	return r.steps(n, `"undo"`, in.below(".undo")), at
}
