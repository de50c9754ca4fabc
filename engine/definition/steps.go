package definition

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/schema"
)

// forms are what a step can be, and the keys that belong to each.
var forms = []struct {
	key  string
	keys []string
}{
	{"task", []string{"with", "until", "every", "for"}},
	{"parallel", nil},
	{"for_each", []string{"as", "limit", "steps"}},
	{"switch", []string{"else"}},
	{"workflow", []string{"with"}},
	{"approval", nil},
}

// stepKeys may stand in a step of any form.
var stepKeys = []string{"id", "name", "if", "timeout", "on_failure", "retry", "credential"}

func (r *reader) steps(n *yaml.Node, what, path string) []*Step {
	if n == nil {
		return nil
	}
	nodes, ok := r.list(n, what, "a list of steps")
	if ok && len(nodes) == 0 {
		r.report(ruleMissingValue, r.place(n), "write at least one step, or remove the key", "%s has no steps", what)
	}
	steps := make([]*Step, 0, len(nodes))
	for i, node := range nodes {
		if s := r.step(node, fmt.Sprintf("%s[%d]", path, i)); s != nil {
			steps = append(steps, s)
		}
	}
	return steps
}

func (r *reader) step(n *yaml.Node, path string) *Step {
	m, ok := r.mapping(n, "a step", "a mapping with a task")
	if !ok {
		return nil
	}
	s := &Step{Range: m.first, Path: path}
	form := r.form(m)
	if id := m.get("id"); id != nil {
		s.ID = r.id(id)
	}
	s.Name = r.optional(m, "name")
	s.If = r.condition(m.get("if"), `"if"`)
	s.Credential = r.optional(m, "credential")
	s.Policy = Policy{Timeout: r.duration(m.get("timeout"), `"timeout"`), Retry: r.retry(m.get("retry"))}
	s.OnFailure = r.handler(m, path)
	if form == "task" {
		s.Form = r.task(m)
	}
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

// form finds the one form of a step and reports keys that do not belong to it.
func (r *reader) form(m *mapping) string {
	var found []string
	known := slices.Grow(slices.Clone(stepKeys), 16)
	for _, f := range forms {
		if m.has(f.key) {
			found = append(found, f.key)
			known = append(append(known, f.key), f.keys...)
		}
	}
	if len(found) == 0 {
		for _, f := range forms {
			known = append(append(known, f.key), f.keys...)
		}
	}
	r.allowInStep(m, known, found)
	switch {
	case len(found) == 1 && found[0] == "task":
		return "task"
	case len(found) == 1:
		r.report(ruleUnsupported, m.at(found[0]), "this version runs steps of the form task", "%q is planned, and not supported in this version", found[0])
	case len(found) > 1:
		r.report(ruleStepForm, m.at(found[1]), "make a step of each", "a step does one thing; this one has %s", strings.Join(found, " and "))
	case !slices.ContainsFunc(m.odd, isForm):
		r.report(ruleStepForm, m.first, "add task: with a task type, such as ec2.start_instance", "a step that does nothing: it has no task")
	}
	return ""
}

func isForm(key string) bool {
	for _, f := range forms {
		if f.key == key {
			return true
		}
	}
	return false
}

// allowInStep reports unknown keys. A key of another form is told from one that is misspelt.
func (r *reader) allowInStep(m *mapping, known, found []string) {
	if len(found) == 1 {
		for _, f := range forms {
			for _, key := range f.keys {
				if m.has(key) && !slices.Contains(known, key) {
					r.report(ruleUnknownKey, m.at(key), "", "%q belongs to a step with %s, and this one has %s", key, f.key, found[0])
					known = append(known, key)
				}
			}
		}
	}
	if len(found) > 1 { // what belongs where cannot be told
		for _, f := range forms {
			known = append(known, f.keys...)
		}
	}
	m.allow("a step", known)
}

func (r *reader) id(n *yaml.Node) Text {
	t, ok := r.literal(n, `"id"`, "a name")
	if !ok {
		return Text{}
	}
	r.shaped(t, "a step", identifier, identifierShape) // others may refer to it all the same
	if first, taken := r.ids[t.Value]; taken {
		p := r.report(ruleDuplicateID, t.Range, "an id is unique in the file", "another step has the id %q", t.Value)
		p.Notes = []string{fmt.Sprintf("the first is on line %d", first.Start.Line)}
		return Text{}
	}
	r.ids[t.Value] = t.Range
	return t
}

// handler reads `on_failure` of a step: the word continue, or steps.
func (r *reader) handler(m *mapping, path string) *Handler {
	n := m.get("on_failure")
	if n == nil {
		return nil
	}
	const want = "the word continue or a list of steps"
	h := &Handler{Range: m.at("on_failure")}
	if follow(n).Kind != yaml.ScalarNode {
		h.Steps = r.steps(n, `"on_failure"`, path+".on_failure")
		return h
	}
	t, kind, _, ok := r.scalar(n, `"on_failure"`, want)
	if !ok {
		return nil
	}
	if h.Continue = kind == schema.String && t.Value == "continue"; h.Continue {
		return h
	}
	help := "write on_failure: continue where the run is to go on without it"
	if diag.Nearest(t.Value, []string{"continue"}) != "" {
		help = `did you mean "continue"?`
	}
	p := r.report(ruleOnFailure, t.Range, help, `"on_failure" wants %s, not %s`, want, describe(n))
	if strings.HasPrefix(help, "did") {
		p.Fix = &diag.Fix{Title: "write continue", Range: t.Range, Text: "continue"}
	}
	return nil
}

// task reads the form `task:` with what belongs to it.
func (r *reader) task(m *mapping) Form {
	t := &Task{Range: m.at("task")}
	typ, ok := r.literal(m.get("task"), `"task"`, "a task type such as ec2.start_instance")
	if ok && !taskType.MatchString(typ.Value) {
		r.report(ruleTaskType, typ.Range, "a task type is a connector and an operation, such as ec2.start_instance", "%s is not a task type", schema.Show(typ.Value))
		ok = false
	}
	if typ.Given() {
		t.Range = typ.Range
	}
	if ok {
		t.Type = typ
	}
	if with := m.get("with"); with != nil {
		args, ok := r.mapping(with, `"with"`, "a mapping of parameters")
		t.Partial = !ok || len(args.keys) < len(follow(with).Content)/2
		if ok {
			var end int
			t.With, end = r.entries(args, false)
			start := r.start(follow(with))
			if follow(with).Style&yaml.FlowStyle != 0 {
				end = r.closing(max(end, start+1))
			}
			t.Range = r.span(start, max(start, end))
		}
	}
	r.poll(t, m)
	return t
}

// poll reads until, every and for. A poll needs until and every; without any limit it gets a warning, later, when the defaults are
// known to give none.
func (r *reader) poll(t *Task, m *mapping) {
	t.Until = r.condition(m.get("until"), `"until"`)
	t.Every = r.duration(m.get("every"), `"every"`)
	t.For = r.duration(m.get("for"), `"for"`)
	switch {
	case m.has("until"):
		if !m.has("every") && !slices.Contains(m.odd, "every") {
			r.report(rulePoll, m.at("until"), `add every: with a duration, such as 15s`, `"until" needs "every": how long to wait between two looks`)
		}
	case slices.Contains(m.odd, "until"):
	case m.has("every"):
		r.report(rulePoll, m.at("every"), "add until: with a condition over result", `"every" is for a step that polls, and this one has no "until"`)
	case m.has("for"):
		r.report(rulePoll, m.at("for"), "add until: with a condition over result, or use timeout", `"for" is for a step that polls, and this one has no "until"`)
	}
}
