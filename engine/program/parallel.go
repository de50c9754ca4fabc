package program

import "errand/engine/definition"

// A Parallel runs branches side by side.
type Parallel struct{ Branches []Branch }

// A Branch is a list of steps beside others.
type Branch struct {
	Name  string
	Steps []*Step
}

// Form returns the word of the form.
func (*Parallel) Form() string { return definition.ParallelForm }

// Lists returns the steps of each branch.
func (p *Parallel) Lists() [][]*Step {
	lists := make([][]*Step, len(p.Branches))
	for i, b := range p.Branches {
		lists[i] = b.Steps
	}
	return lists
}

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
