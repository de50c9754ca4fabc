package program

import "errand/engine/definition"

// parallel compiles the form `parallel:`. A branch sees what ran before the step, and not what runs beside it; what follows the step
// sees all branches, since it is done when all of them are.
func (c *compiler) parallel(form *definition.Parallel, d *definition.Step, s *Step, v view) {
	action := &Parallel{}
	first := len(c.known)
	var beside []knownStep
	for _, b := range form.Branches {
		steps := c.steps(b.Steps, v.within(s))
		action.Branches = append(action.Branches, Branch{Name: b.Name.Value, Steps: steps})
		beside = append(beside, c.hide(first, `step "%s" runs side by side with this one`, `refer to %s after the step "`+s.Key+`", when all branches are done`)...)
	}
	c.show(beside)
	c.enclose(first, d, s)
	s.Outputs, s.Action = resultOf(), action
}
