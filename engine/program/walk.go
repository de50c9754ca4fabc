package program

import (
	"iter"
	"slices"

	"errand/engine/definition"
)

// A Place is a step and its place in the program.
type Place struct {
	*Step
	Key Key // a pattern that the keys of the step match in a run
	// the section of the program to which the step belongs; "" if the walk begins with a step
	Section definition.Section
	Around  []Parent // the enclosing steps, the outermost first
}

// A Parent is a step that encloses another step.
type Parent struct {
	*Step
	Section definition.Section // the section of the parent itself
	List    definition.List    // the list of the parent that the inner step is in
}

// Places visits every step of a program, in the order of definition.Places.
func (p *Program) Places() iter.Seq[Place] { return p.places(false) }

// AllPlaces visits every step of a program. After a step that calls a workflow, it visits the steps
// of that workflow.
func (p *Program) AllPlaces() iter.Seq[Place] { return p.places(true) }

func (p *Program) places(called bool) iter.Seq[Place] {
	return func(yield func(Place) bool) {
		w := walk{called, yield}
		w.program(p, "", nil)
	}
}

// Places visits a step and the steps inside it, in the order of definition.Places.
func (s *Step) Places() iter.Seq[Place] {
	return func(yield func(Place) bool) {
		w := walk{false, yield}
		w.step(s, "", "", nil)
	}
}

// Holds reports whether a key belongs to the step itself or to a step inside it, including called
// workflows. The step must belong to the program of the run, and not to a loop.
func (s *Step) Holds(key Key) (holds bool) {
	w := walk{true, func(p Place) bool {
		holds = p.Key.Matches(key)
		return !holds
	}}
	w.step(s, "", "", nil)
	return holds
}

// A walk visits steps and their places. All walks over the steps of a program use it. Its methods
// report whether to continue.
type walk struct {
	called bool // also visit the workflows that steps call
	yield  func(Place) bool
}

func (w walk) program(p *Program, in Key, around []Parent) bool {
	return w.list(p.Steps, in, definition.MainSteps, around) &&
		w.list(p.OnFailure, in, definition.OnFailure, around) &&
		w.list(p.Finally, in, definition.Finally, around)
}

func (w walk) list(steps []*Step, in Key, section definition.Section, around []Parent) bool {
	for _, s := range steps {
		if !w.step(s, in, section, around) {
			return false
		}
	}
	return true
}

func (w walk) step(s *Step, in Key, section definition.Section, around []Parent) bool {
	key := in.Step(s.Key)
	if !w.yield(Place{s, key, section, around}) {
		return false
	}
	parents := func(list definition.List) []Parent {
		return append(around[:len(around):len(around)], Parent{s, section, list})
	}
	inside := in
	if _, loop := s.Action.(*ForEach); loop {
		inside = key.AnyItem()
	}
	for _, list := range s.Lists() {
		if len(list) > 0 && !w.list(list, inside, section, parents(definition.InForm)) {
			return false
		}
	}
	if a, ok := s.Action.(*Subworkflow); ok && w.called && !w.program(a.Program, key, parents(definition.InForm)) {
		return false
	}
	return (len(s.Undo) == 0 || w.list(s.Undo, in, section, parents(definition.InUndo))) &&
		(len(s.OnFailure) == 0 || w.list(s.OnFailure, in, section, parents(definition.InOnFailure)))
}

// InUndo reports whether the step belongs to an undo.
func (p Place) InUndo() bool {
	return slices.ContainsFunc(p.Around, func(around Parent) bool { return around.List == definition.InUndo })
}

// AfterMainSteps reports whether the step runs only after the main steps of its program, or of a
// program that calls it, have ended: in on_failure or finally of a workflow, or in an undo.
func (p Place) AfterMainSteps() bool {
	return p.Section != definition.MainSteps || p.InUndo() ||
		slices.ContainsFunc(p.Around, func(around Parent) bool { return around.Section != definition.MainSteps })
}

// items returns the names of the loop items that the step can read.
func (p Place) items() []string {
	var names []string
	for _, around := range p.Around {
		if loop, ok := around.Action.(*ForEach); ok && around.List == definition.InForm {
			names = append(names, loop.As)
		}
	}
	return names
}
