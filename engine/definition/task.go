package definition

import (
	"slices"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/schema"
)

// task reads the form `task:` and the keys that belong to it.
func (r *reader) task(m *mapping) Form {
	t := &Task{}
	typ, ok := r.literalLike(m.get(TaskForm), `"task"`, "a task type such as ec2.start_instance", taskType)
	if ok && !anyTaskType.MatchString(typ.Value) {
		r.report(ruleTaskType, typ.Range, "write a connector and an operation, such as ec2.start_instance", "%s is not a task type", schema.Show(typ.Value))
		ok = false
	}
	if ok {
		t.Type = typ
	}
	t.With, t.Range, t.Partial = r.arguments(m, TaskForm, typ)
	r.poll(t, m)
	return t
}

// arguments reads `with`. The range is that of the value of `with`, or that of the called name if
// there is no `with`. partial reports whether a part could not be read.
func (r *reader) arguments(m *mapping, form string, called Text) (with []Entry, at diag.Range, partial bool) {
	at = m.at(form)
	if called.Given() {
		at = called.Range
	}
	n := m.get("with")
	if n == nil {
		return nil, at, slices.Contains(m.guesses, "with")
	}
	args, ok := r.mapping(n, `"with"`, "a mapping of parameters")
	if !ok {
		return nil, at, true
	}
	partial = len(args.keys) < len(follow(n).Content)/2 || slices.Contains(m.guesses, "with")
	with, end := r.entries(args, false)
	start := r.start(follow(n))
	if follow(n).Style&yaml.FlowStyle != 0 {
		end = r.flowEnd(max(end, start+1))
	}
	return with, r.span(start, max(start, end)), partial
}

// poll reads until, every and for. A poll needs until and every.
func (r *reader) poll(t *Task, m *mapping) {
	t.Until = r.condition(m.get("until"), `"until"`)
	t.Every = r.duration(m.get("every"), `"every"`)
	t.For = r.duration(m.get("for"), `"for"`)
	switch {
	case m.has("until"):
		if !m.has("every") && !slices.Contains(m.guesses, "every") {
			r.report(rulePoll, m.at("until"), `add every: with a duration, such as 15s`, `"until" needs "every", the time to wait between two calls`)
		}
	case slices.Contains(m.guesses, "until"):
	case m.has("every"):
		r.report(rulePoll, m.at("every"), "add until: with a condition that reads result", `"every" is only for a step that polls; this step has no "until"`)
	case m.has("for"):
		r.report(rulePoll, m.at("for"), "add until: with a condition that reads result, or use timeout", `"for" is only for a step that polls; this step has no "until"`)
	}
}

// Lists returns nil: a task holds no steps.
func (*Task) Lists() [][]*Step { return nil }

// Callee returns the name of the task type.
func (t *Task) Callee() Text { return t.Type }

// Arguments returns the parameters.
func (t *Task) Arguments() []Entry { return t.With }

func (t *Task) expressions(yield func(*Expression) bool) bool {
	return visitEntries(t.With, yield) && visitExpression(t.Until, yield)
}
