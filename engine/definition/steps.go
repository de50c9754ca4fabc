package definition

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
)

// A setting describes where a step or a list of steps is, for the rules that depend on it.
type setting struct {
	path   string // such as "steps[3]", or "steps[3].parallel.web" for a list
	items  []Text // the item names of the enclosing for_each steps, the outermost first
	noUndo string // what makes an undo invalid here, such as "finally"; "" if an undo is allowed
}

// below returns the setting of a list inside a step.
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
		if what == `"steps"` { // "steps" is always required
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
	m, ok := r.mapping(n, "a step", "a mapping such as {task: ec2.start_instance}")
	if !ok {
		return nil
	}
	s := &Step{Range: m.first, Path: in.path}
	s.Word = r.form(m)
	if id := m.get("id"); id != nil {
		if s.ID, ok = r.literalLike(id, `"id"`, "a name", identifier); ok {
			// keep it: other steps may refer to it
			r.checkShape(s.ID, "a step", identifier, identifierShape)
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
	case GroupForm:
		s.Form = r.group(m, in)
	case FailForm:
		s.Form = r.fail(m)
	}
	s.Undo, s.UndoRange = r.undo(m, in)
	s.OnFailure = r.handler(m, in)
	return s
}

// optional reads a literal text that is not required.
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

// form returns the form of a step, and reports keys that do not belong to it.
func (r *reader) form(m *mapping) string {
	r.reportOutside(m)
	found, known := formsAmong(m.has), []string(nil)
	for _, f := range forms {
		// if there are several forms, a key may belong to any of them
		if len(found) != 1 || found[0] == f.Name {
			known = appendNames(append(known, f.Name), f.Keys)
		}
	}
	if len(found) == 1 {
		r.reportMisplaced(m, found[0], known)
	}
	known = append(appendNames(nil, commonKeys), known...)
	if len(found) == 1 && formOf(found[0]).calls() {
		r.reportBesideCall(m, found[0], known)
	}
	before := len(r.problems)
	m.keepKnown("a step", known)
	switch {
	case len(found) == 1:
		return found[0]
	case len(found) > 1:
		r.report(ruleStepForm, m.at(found[1]), "write a separate step for each", "a step must have only one form; this step has %s", strings.Join(found, " and "))
	case slices.ContainsFunc(m.guesses, isForm):
	case len(found) == 0 && r.reportNoFormBeside(r.problems[before:]):
	default:
		r.reportNoForm(m)
	}
	return ""
}

// reportNoForm reports a step without a form. It suggests the first form that alone has a key of
// the step, or a task if there is no such key.
func (r *reader) reportNoForm(m *mapping) {
	for _, f := range forms {
		for _, k := range f.Keys {
			if m.has(k.Name) && len(owners(k.Name)) == 1 {
				r.report(ruleStepForm, m.first, addForm(f), "a step with %q needs %q", k.Name, f.Name)
				return
			}
		}
	}
	var names []string
	for _, f := range forms {
		names = append(names, quoted(f.Name))
	}
	last := len(names) - 1
	r.report(ruleStepForm, m.first, addForm(forms[0]), "a step needs %s or %s", strings.Join(names[:last], ", "), names[last])
}

// reportNoFormBeside reports a step without a form in the problem of a key that resembles no other:
// the key was probably meant to say what the step does. It returns whether there is such a key.
func (r *reader) reportNoFormBeside(problems []diag.Problem) bool {
	for i := range problems {
		if p := &problems[i]; p.Rule == ruleUnknownKey && p.Help == "" {
			p.Help = useTask
			return true
		}
	}
	return false
}

func addForm(f FormSpec) string { return fmt.Sprintf("add %s: with %s", f.Name, f.Want) }

// reportMisplaced reports keys that belong to another form than that of the step. These keys are
// not misspelt, so no similar key is suggested.
func (r *reader) reportMisplaced(m *mapping, form string, known []string) {
	var dropped []string
	for _, key := range m.keys {
		others := owners(key.Value)
		if len(others) == 0 || slices.Contains(known, key.Value) {
			continue
		}
		help := "remove it, or write it in a step with " + others[0]
		switch {
		case key.Value != "retry" && key.Value != "credential":
		case formOf(form).Value == WorkflowValue:
			help = "write it in the called workflow"
		case formOf(form).HoldsSteps():
			help = "write it in the tasks inside this step"
		}
		r.report(ruleUnknownKey, key.Range, help, "%q belongs to a step with %s; this step has %s", key.Value, strings.Join(others, " or "), form)
		dropped = append(dropped, key.Value)
	}
	m.drop(dropped)
}

// reportOutside reports keys that are written beside the key of a form but belong inside it.
func (r *reader) reportOutside(m *mapping) {
	r.reportBesideApproval(m)
	r.reportBesideParallel(m)
	r.reportBesideSwitch(m)
	r.reportIfElse(m)
	r.readLoopWord(m)
	r.reportBesideLoop(m)
}

// checkUniqueIDs reports each step whose id an earlier step already has, in the order of the text.
// It removes the id from such a step.
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
		p := r.report(ruleDuplicateID, s.ID.Range, "choose another id; an id must be unique in the file", "another step already has the id %q", s.ID.Value)
		if p.Notes = []string{fmt.Sprintf("the first is on line %d", first.Start.Line)}; first == s.ID.Range {
			p.Help, p.Notes = "write the steps out, each with its own id", []string{"an alias repeats the step"}
		}
		s.ID = Text{}
	}
}
