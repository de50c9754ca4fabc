package definition

import (
	"strings"

	"errand/engine/diag"
)

// subworkflow reads the form `workflow:` with `with:`.
func (r *reader) subworkflow(m *mapping) Form {
	c := &Subworkflow{}
	name, ok := r.literalLike(m.get(SubworkflowForm), `"workflow"`, "the name of another workflow", workflowName)
	if ok && r.workflowName(name) {
		c.Workflow = name
	}
	c.With, c.Range, c.Partial = r.arguments(m, SubworkflowForm, name)
	return c
}

// workflowName checks the name of another workflow. It recognises the common mistake of writing the
// name of its file.
func (r *reader) workflowName(t Text) bool {
	for _, ext := range []string{".yaml", ".yml"} {
		if stem, ok := strings.CutSuffix(t.Value, ext); ok && workflowName.MatchString(stem) {
			p := r.report(ruleName, t.Range, "write "+stem, "%q is the name of a file, not of a workflow", t.Value)
			p.Fix = &diag.Fix{Title: "write " + stem, Range: t.Range, Text: bare(stem)}
			return false
		}
	}
	return r.checkShape(t, "a workflow", workflowName, workflowShape)
}

// Lists returns nil: the steps of the called workflow are in another definition.
func (*Subworkflow) Lists() [][]*Step { return nil }

// Callee returns the name of the workflow.
func (c *Subworkflow) Callee() Text { return c.Workflow }

// Arguments returns the inputs.
func (c *Subworkflow) Arguments() []Entry { return c.With }

func (c *Subworkflow) expressions(yield func(*Expression) bool) bool {
	return visitEntries(c.With, yield)
}
