package program

import (
	"slices"

	"errand/engine/definition"
	"errand/engine/expression"
)

// A Switch runs the steps of the first case whose condition is true.
type Switch struct {
	Cases []Case
	Else  []*Step
}

// A Case is a condition and its steps.
type Case struct {
	If    *expression.Program
	Steps []*Step
}

// Form returns the word of the form.
func (*Switch) Form() string { return definition.SwitchForm }

// Lists returns the steps of each case and then those of `else`.
func (s *Switch) Lists() [][]*Step {
	lists := make([][]*Step, 0, len(s.Cases)+1)
	for _, c := range s.Cases {
		lists = append(lists, c.Steps)
	}
	return append(lists, s.Else)
}

// switchForm compiles the form `switch:`. The steps of a case run if its condition is true and
// those of the cases before it are not. The steps see these conditions as facts. The steps after
// the switch see the steps of a case under the same conditions.
func (c *compiler) switchForm(form *definition.Switch, d *definition.Step, s *Step, v view) {
	action := &Switch{}
	first := len(c.known)
	var all []knownStep
	var before []string // facts if no case so far is true
	var arms []arm
	list := func(steps []*definition.Step, conditions []string) []*Step {
		compiled := c.steps(steps, v.within(s, conditions...))
		arms = append(arms, armOf(compiled, c.known[first:]))
		c.enclose(first, d, s, conditions...)
		all = append(all, c.hide(first, `step "%s" belongs to another case`, `only one case runs; use %s after the switch, with a guard such as ??`)...)
		return compiled
	}
	for _, k := range form.Cases {
		compiled := Case{}
		conditions := slices.Clone(before)
		if k.If != nil {
			inner := v.within(s, before...)
			if compiled.If = c.boolean(k.If, "if", c.scope(inner, nil)); compiled.If != nil {
				conditions = append(conditions, compiled.If.Implies()...)
				before = append(before, compiled.If.Denies()...)
			}
		}
		compiled.Steps = list(k.Steps, conditions)
		action.Cases = append(action.Cases, compiled)
	}
	if form.Else != nil {
		action.Else = list(form.Else, before)
	}
	if covers := form.Else != nil || exhausts(action.Cases); covers && d.OnFailure == nil {
		proveByOthers(all, arms, s)
	}
	c.show(all)
	s.Outputs, s.Action = resultOf(), action
}
