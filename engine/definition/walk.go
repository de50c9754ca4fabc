package definition

import "iter"

// A Section is one of the lists of steps of a workflow. Its value is the key in the definition.
type Section string

// The sections, in the order in which they run.
const (
	MainSteps Section = "steps"
	OnFailure Section = "on_failure"
	Finally   Section = "finally"
)

// A List identifies the list of a parent step that a step is in.
type List int

// The lists of a step.
const (
	InForm      List = iota // in the form, such as a branch or a called workflow
	InUndo                  // `undo`
	InOnFailure             // `on_failure`
)

// A Place is a step and its place in the definition.
type Place struct {
	*Step
	Section Section
	Around  []Parent // the enclosing steps, the outermost first
}

// A Parent is a step that encloses another step.
type Parent struct {
	*Step
	List List // the list of the parent that the inner step is in
}

// Places visits every step of a definition in the order in which the steps run. A step comes before
// the steps inside it. The steps of its form come before those of its undo and its on_failure.
func (d *Definition) Places() iter.Seq[Place] {
	return func(yield func(Place) bool) {
		_ = visitSteps(d.Steps, MainSteps, nil, yield) && visitSteps(d.OnFailure, OnFailure, nil, yield) && visitSteps(d.Finally, Finally, nil, yield)
	}
}

// AllSteps visits the same steps as Places.
func (d *Definition) AllSteps() iter.Seq[*Step] {
	return func(yield func(*Step) bool) {
		for p := range d.Places() {
			if !yield(p.Step) {
				return
			}
		}
	}
}

func visitSteps(steps []*Step, section Section, around []Parent, yield func(Place) bool) bool {
	for _, s := range steps {
		if !yield(Place{s, section, around}) {
			return false
		}
		within := func(steps []*Step, list List) bool {
			return len(steps) == 0 || visitSteps(steps, section, append(around[:len(around):len(around)], Parent{s, list}), yield)
		}
		if s.Form != nil {
			for _, steps := range s.Form.Lists() {
				if !within(steps, InForm) {
					return false
				}
			}
		}
		if !within(s.Undo, InUndo) || s.OnFailure != nil && !within(s.OnFailure.Steps, InOnFailure) {
			return false
		}
	}
	return true
}

// Lists returns the lists of steps inside a step: those of its form, its undo and its on_failure.
func (s *Step) Lists() [][]*Step {
	var lists [][]*Step
	if s.Form != nil {
		lists = append(lists, s.Form.Lists()...)
	}
	lists = append(lists, s.Undo)
	if s.OnFailure != nil {
		lists = append(lists, s.OnFailure.Steps)
	}
	return lists
}
