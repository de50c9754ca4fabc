package definition

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
)

// A setting is where a step or a list of steps stands, and what follows from that.
type setting struct {
	path   string // such as "steps[3]", or "steps[3].parallel.web" of a list
	items  []Text // the names of the for_each around it, the outermost first
	noUndo string // why a step has no undo here: it is within this; "" where it may have one
}

// below is the setting of a list within a step.
func (s setting) below(path string) setting {
	s.path += path
	return s
}

func (r *reader) steps(n *yaml.Node, what string, in setting) []*Step {
	if n == nil {
		return nil
	}
	nodes, ok := r.list(n, what, "a list of steps")
	if ok && len(nodes) == 0 {
		help := "write at least one step, or remove the key"
		if what == `"steps"` { // it is needed wherever there is one
			help = "write at least one step"
		}
		r.report(ruleMissingValue, r.place(n), help, "%s has no steps", what)
	}
	steps := make([]*Step, 0, len(nodes))
	for i, node := range nodes {
		if s := r.step(node, in.below(fmt.Sprintf("[%d]", i))); s != nil {
			steps = append(steps, s)
		}
	}
	return steps
}

func (r *reader) step(n *yaml.Node, in setting) *Step {
	m, ok := r.mapping(n, "a step", "a mapping with a task")
	if !ok {
		return nil
	}
	s := &Step{Range: m.first, Path: in.path}
	s.Word = r.form(m)
	if id := m.get("id"); id != nil {
		if s.ID, ok = r.literalLike(id, `"id"`, "a name", identifier); ok {
			r.checkShape(s.ID, "a step", identifier, identifierShape) // others may refer to it all the same
		} else {
			s.ID = Text{}
		}
	}
	s.Name = r.optional(m, "name")
	s.If = r.condition(m.get("if"), `"if"`)
	s.Credential = r.optional(m, "credential")
	s.Policy = Policy{Timeout: r.duration(m.get("timeout"), `"timeout"`), Retry: r.retry(m.get("retry"))}
	switch s.Word {
	case TaskForm:
		s.Form = r.task(m)
	case ParallelForm:
		s.Form = r.parallel(m, in)
	case ForEachForm:
		s.Form = r.forEach(m, in)
	case SwitchForm:
		s.Form = r.switchForm(m, in)
	case SubworkflowForm:
		s.Form = r.subworkflow(m)
	case ApprovalForm:
		s.Form = r.approval(m)
	}
	s.Undo, s.UndoRange = r.undo(m, in)
	s.OnFailure = r.handler(m, in)
	return s
}

// optional reads a literal text that need not be there.
func (r *reader) optional(m *mapping, key string) Text {
	n := m.get(key)
	if n == nil {
		return Text{}
	}
	t, ok := r.literal(n, `"`+key+`"`, "a text")
	if ok && strings.TrimSpace(t.Value) == "" {
		r.report(ruleMissingValue, t.Range, "write a text, or remove the key", "%q is empty", key)
	}
	return t
}

// form returns the word of a step's one form, and reports keys that do not belong to it.
func (r *reader) form(m *mapping) string {
	r.reportOutside(m)
	var found, known []string
	for _, f := range forms {
		if m.has(f.Name) {
			found = append(found, f.Name)
		}
	}
	for _, f := range forms {
		if len(found) != 1 || found[0] == f.Name { // if there are several, a key may belong to any of them
			known = appendNames(append(known, f.Name), f.Keys)
		}
	}
	if len(found) == 1 {
		r.reportMisplaced(m, found[0], known)
	}
	m.allow("a step", append(appendNames(nil, commonKeys), known...))
	switch {
	case len(found) == 1:
		return found[0]
	case len(found) > 1:
		r.report(ruleStepForm, m.at(found[1]), "make a step of each", "a step does one thing; this one has %s", strings.Join(found, " and "))
	case !slices.ContainsFunc(m.odd, isForm):
		f := missingForm(m)
		r.report(ruleStepForm, m.first, fmt.Sprintf("add %s: with %s", f.Name, f.Want), "a step that does nothing: it has no %s", f.Name)
	}
	return ""
}

// missingForm returns the form that the other keys of a step belong to, or that of a task if they
// belong to several.
func missingForm(m *mapping) FormSpec {
	for _, f := range forms {
		for _, k := range f.Keys {
			if m.has(k.Name) && len(owners(k.Name)) == 1 {
				return f
			}
		}
	}
	return forms[0]
}

// reportMisplaced reports keys that belong to other forms than the step's. They are told from keys
// that are misspelt.
func (r *reader) reportMisplaced(m *mapping, form string, known []string) {
	var dropped []string
	for _, key := range m.keys {
		others := owners(key.Value)
		if len(others) == 0 || slices.Contains(known, key.Value) {
			continue
		}
		help := ""
		switch {
		case key.Value != "retry" && key.Value != "credential":
		case formOf(form).Value == WorkflowValue:
			help = "write it in that workflow"
		case formOf(form).HoldsSteps():
			help = "write it in the tasks within"
		}
		r.report(ruleUnknownKey, key.Range, help, "%q belongs to a step with %s, and this one has %s", key.Value, strings.Join(others, " or "), form)
		dropped = append(dropped, key.Value)
	}
	m.drop(dropped)
}

// reportOutside reports what was written beside the key of a form and belongs within it.
func (r *reader) reportOutside(m *mapping) {
	r.reportBesideApproval(m)
	r.reportBesideParallel(m)
}

// checkUniqueIDs takes the id from every step but the first, in the order of the text, that has it.
func (r *reader) checkUniqueIDs(d *Definition) {
	var steps []*Step
	for s := range d.AllSteps() {
		if s.ID.Given() {
			steps = append(steps, s)
		}
	}
	slices.SortStableFunc(steps, func(a, b *Step) int {
		at, other := a.ID.Range.Start, b.ID.Range.Start
		return cmp.Or(cmp.Compare(at.Line, other.Line), cmp.Compare(at.Column, other.Column))
	})
	taken := make(map[string]diag.Range, len(steps))
	for _, s := range steps {
		first, again := taken[s.ID.Value]
		if !again {
			taken[s.ID.Value] = s.ID.Range
			continue
		}
		p := r.report(ruleDuplicateID, s.ID.Range, "an id is unique in the file", "another step has the id %q", s.ID.Value)
		if p.Notes = []string{fmt.Sprintf("the first is on line %d", first.Start.Line)}; first == s.ID.Range {
			p.Help, p.Notes = "write the steps out, with an id of their own", []string{"an alias repeats the step"}
		}
		s.ID = Text{}
	}
}
