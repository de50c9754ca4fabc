package definition

import (
	"gopkg.in/yaml.v3"
)

const branchesWanted = "a mapping of branch names to lists of steps"

// parallel reads the form `parallel:`.
func (r *reader) parallel(m *mapping, in setting) Form {
	p := &Parallel{Range: m.at(ParallelForm)}
	n := m.get(ParallelForm)
	if target := follow(n); target.Kind == yaml.SequenceNode && !r.reported[target] {
		r.reportWrongType(n, `"parallel"`, branchesWanted, "give each branch a name, and write its steps below the name")
		return p
	}
	branches, ok := r.mapping(n, `"parallel"`, branchesWanted)
	if !ok {
		return p
	}
	if len(follow(n).Content) == 0 {
		r.report(ruleMissingValue, r.place(n), "write at least one branch: a name with steps below it", `"parallel" has no branches`)
	}
	for i, name := range branches.keys {
		r.checkShape(name, "a branch", identifier, identifierShape)
		steps := r.branch(branches.nodes[i], name.Value, in.below(".parallel."+name.Value))
		p.Branches = append(p.Branches, Branch{Name: name, Steps: steps})
	}
	return p
}

func (r *reader) branch(n *yaml.Node, name string, in setting) []*Step {
	what := "branch " + quoted(name)
	if target := follow(n); target.Kind == yaml.MappingNode && !r.reported[target] {
		help := "start each step with a hyphen and a space"
		for i := 0; i < len(target.Content); i += 2 {
			if target.Content[i].Value == "steps" {
				help = "write the steps directly below the name, without steps:"
			}
		}
		r.reportWrongType(n, what, "a list of steps", help)
		return nil
	}
	return r.steps(n, what, in)
}

// reportBesideParallel reports branches that have the same indentation as `parallel:`.
func (r *reader) reportBesideParallel(m *mapping) {
	n := m.get(ParallelForm)
	if n == nil || !isEmpty(n) {
		return
	}
	var branches []string
	for i, key := range m.keys {
		if m.nodes[i].Kind == yaml.SequenceNode && key.Value != "on_failure" && key.Value != "undo" {
			branches = append(branches, key.Value)
		}
	}
	if len(branches) > 0 {
		r.report(ruleMissingValue, m.at(ParallelForm), "indent the branches below parallel:", `"parallel" has no branches inside it; there are lists of steps beside it`)
		m.drop(append(branches, ParallelForm))
		m.guesses = append(m.guesses, ParallelForm)
	}
}

// Lists returns the steps of each branch.
func (p *Parallel) Lists() [][]*Step {
	lists := make([][]*Step, len(p.Branches))
	for i, b := range p.Branches {
		lists[i] = b.Steps
	}
	return lists
}

func (*Parallel) expressions(func(*Expression) bool) bool { return true }
