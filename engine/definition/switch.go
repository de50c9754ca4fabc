package definition

import (
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

// switchForm reads the form `switch:` with its sibling key `else:`.
func (r *reader) switchForm(m *mapping, in setting) Form {
	s := &Switch{Range: m.at(SwitchForm)}
	n := m.get(SwitchForm)
	nodes, ok := r.list(n, `"switch"`, "a list of cases, each with if and steps")
	if ok && len(nodes) == 0 {
		r.report(ruleMissingValue, r.place(n), "write at least one case, with if and steps", `"switch" has no cases`)
	}
	for i, node := range nodes {
		if c := r.switchCase(node, in.below(fmt.Sprintf(".switch[%d].steps", i))); c != nil {
			s.Cases = append(s.Cases, *c)
		}
	}
	s.Else = r.steps(m.get("else"), `"else"`, in.below(".else"))
	return s
}

func (r *reader) switchCase(n *yaml.Node, in setting) *Case {
	m, ok := r.mapping(n, "a case", "a mapping with if and steps")
	if !ok {
		return nil
	}
	c := &Case{Range: m.first}
	if m.has("else") {
		r.report(ruleUnknownKey, m.at("else"), "write else: beside switch:, with a list of steps", `"else" belongs beside "switch", not inside it`)
		if len(m.keys) == 1 {
			return nil
		}
		m.drop([]string{"else"})
	}
	r.reportStepInCase(m)
	m.keepKnown("a case", members(SwitchForm))
	if m.require("if", c.Range, "add if: with a condition; for steps that run if no case is true, write else: beside switch:", "a case") {
		c.If = r.condition(m.get("if"), `"if"`)
	}
	if m.require("steps", c.Range, "add steps: with a list of steps", "a case") {
		c.Steps = r.steps(m.get("steps"), `"steps"`, in)
	}
	return c
}

// reportBesideSwitch reports `switch: value` with `cases:` beside it.
func (r *reader) reportBesideSwitch(m *mapping) {
	n := m.get(SwitchForm)
	if n == nil || follow(n).Kind != yaml.ScalarNode || !m.has("cases") {
		return
	}
	r.report(ruleWrongType, m.at(SwitchForm), "write a list of cases below switch:, each with if: and steps:", `"switch" must be a list of cases; it compares no value with "cases"`)
	m.drop([]string{SwitchForm, "cases"})
	m.guesses = append(m.guesses, SwitchForm)
}

// reportIfElse reports a step with `if`, its steps and `else`, as in programming languages.
func (r *reader) reportIfElse(m *mapping) {
	found := formsAmong(m.has)
	if !m.has("if") || !m.has("else") || len(found) > 0 && !slices.Equal(found, []string{GroupForm}) {
		return
	}
	r.report(ruleStepForm, m.at("else"), "write switch: with a case that has this if: and the steps, and else: beside switch:", `"else" belongs to a step with switch, not to one with "if"`)
	m.drop([]string{"if", "then", "do", GroupForm, "else"})
	m.guesses = append(m.guesses, SwitchForm)
}

// reportStepInCase reports a step that is written directly in a case, outside the list `steps`. It
// reports a single problem for all keys of the step.
func (r *reader) reportStepInCase(m *mapping) {
	if m.has("steps") {
		return
	}
	i := slices.IndexFunc(m.keys, func(key Text) bool { return isForm(key.Value) })
	if i < 0 {
		return
	}
	r.report(ruleUnknownKey, m.keys[i].Range, "write the step below steps:, in a list", "%q is a key of a step, but this is a case", m.keys[i].Value)
	isStepKey := func(key string) bool { _, known := StepKey(key); return known }
	var step []string
	for _, key := range m.keys {
		if key.Value != "if" && isStepKey(key.Value) {
			step = append(step, key.Value)
		}
	}
	m.drop(step)
	m.guesses = append(m.guesses, "steps")
}

// Lists returns the steps of each case, then those of `else`.
func (s *Switch) Lists() [][]*Step {
	lists := make([][]*Step, 0, len(s.Cases)+1)
	for _, c := range s.Cases {
		lists = append(lists, c.Steps)
	}
	return append(lists, s.Else)
}

func (s *Switch) expressions(yield func(*Expression) bool) bool {
	for _, c := range s.Cases {
		if !visitExpression(c.If, yield) {
			return false
		}
	}
	return true
}
