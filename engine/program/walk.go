package program

import (
	"iter"
	"slices"

	"errand/engine/definition"
)

// A Place is a step and where it is in its program.
type Place struct {
	*Step
	Key     Key                // the pattern of the step's keys in a run
	Section definition.Section // of the program that the step belongs to; "" in a walk that begins with a step
	Around  []Parent           // the steps around it, the outermost first
}

// A Parent is a step around another one.
type Parent struct {
	*Step
	Section definition.Section // that the parent itself belongs to
	List    definition.List    // the list of the parent that the other step is in
}

// Places visits every step of a program, in the order of definition.Places.
func (p *Program) Places() iter.Seq[Place] { return p.places(false) }

// AllPlaces visits every step of a program, and after a step that calls a workflow the steps of
// that workflow.
func (p *Program) AllPlaces() iter.Seq[Place] { return p.places(true) }

func (p *Program) places(called bool) iter.Seq[Place] {
	return func(yield func(Place) bool) {
		w := walk{called, yield}
		w.program(p, "", nil)
	}
}

// Places visits a step and the steps within it, in the order of definition.Places.
func (s *Step) Places() iter.Seq[Place] {
	return func(yield func(Place) bool) {
		w := walk{false, yield}
		w.step(s, "", "", nil)
	}
}

// Holds reports whether a key is that of the step itself or of a step within it, also in the
// workflows that it calls. The step belongs to the program that is run, and to no loop.
func (s *Step) Holds(key Key) (holds bool) {
	w := walk{true, func(p Place) bool {
		holds = p.Key.Matches(key)
		return !holds
	}}
	w.step(s, "", "", nil)
	return holds
}

// A walk is the only recursion over the steps of a program that looks for places. Its methods
// report whether to go on.
type walk struct {
	called bool // also through the workflows that steps call
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

// Undoes reports whether the step belongs to an undo.
func (p Place) Undoes() bool {
	return slices.ContainsFunc(p.Around, func(around Parent) bool { return around.List == definition.InUndo })
}

// Ends reports whether the step runs only when the main steps of its program, or of one that calls
// it, are over: in on_failure or finally of a workflow, or in an undo.
func (p Place) Ends() bool {
	return p.Section != definition.MainSteps || p.Undoes() ||
		slices.ContainsFunc(p.Around, func(around Parent) bool { return around.Section != definition.MainSteps })
}

// items returns the names of the loops' items that the step sees.
func (p Place) items() []string {
	var names []string
	for _, around := range p.Around {
		if loop, ok := around.Action.(*ForEach); ok && around.List == definition.InForm {
			names = append(names, loop.As)
		}
	}
	return names
}
