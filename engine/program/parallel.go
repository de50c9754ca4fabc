package program

import "errand/engine/definition"

// A Parallel runs branches at the same time.
type Parallel struct{ Branches []Branch }

// A Branch is a list of steps that runs at the same time as other branches.
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

// parallel compiles the form `parallel:`. A branch sees the steps before the parallel step, but not
// those of other branches. The steps after it see all branches, because it ends when all branches
// have ended.
func (c *compiler) parallel(form *definition.Parallel, d *definition.Step, s *Step, v view) {
	action := &Parallel{}
	first := len(c.known)
	var beside []knownStep
	for _, b := range form.Branches {
		steps := c.steps(b.Steps, v.within(s))
		action.Branches = append(action.Branches, Branch{Name: b.Name.Value, Steps: steps})
		beside = append(beside, c.hide(first, `step "%s" runs at the same time as this one`, `use %s after the step "`+s.Key+`", which ends when all branches have ended`)...)
	}
	c.show(beside)
	c.enclose(first, d, s)
	s.Outputs, s.Action = resultOf(), action
}
