package definition

// group reads the form `steps:`.
func (r *reader) group(m *mapping, in setting) Form {
	return &Group{Range: m.at(GroupForm), Steps: r.steps(m.get(GroupForm), `"steps"`, in.below(".steps"))}
}

// Lists returns the steps of the group.
func (g *Group) Lists() [][]*Step { return [][]*Step{g.Steps} }

func (*Group) expressions(func(*Expression) bool) bool { return true }
