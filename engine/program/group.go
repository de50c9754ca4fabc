package program

import "errand/engine/definition"

// A Group runs steps in order, under the `if`, the timeout and the on_failure of one step.
type Group struct{ Steps []*Step }

// Form returns the word of the form.
func (*Group) Form() string { return definition.GroupForm }

// Lists returns the steps of the group.
func (g *Group) Lists() [][]*Step { return [][]*Step{g.Steps} }

// group compiles the form `steps:`. The steps after it see its steps, under its `if`.
func (c *compiler) group(form *definition.Group, d *definition.Step, s *Step, v view) {
	first := len(c.known)
	steps := c.steps(form.Steps, v.within(s))
	c.enclose(first, d, s)
	s.Outputs, s.Action = resultOf(), &Group{steps}
}
