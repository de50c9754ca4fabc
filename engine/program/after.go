package program

import "slices"

// after returns conditions, in canonical text, that are true if a list of steps goes on after this
// step. After a `fail` with `if: x`, for example, x is false.
func (s *Step) after() []string {
	switch {
	case s.catches():
		return nil
	case s.If == nil:
		facts, _ := s.passes()
		return facts
	case s.ends():
		return s.If.Denies()
	}
	return nil
}

// ends reports whether the step, if it runs, always fails with a `fail` that nothing catches.
func (s *Step) ends() bool {
	_, ends := s.passes()
	return ends && !s.catches()
}

// catches reports whether the run may go on after the step has failed.
func (s *Step) catches() bool {
	if s.Continue {
		return true
	}
	_, standInEnds := passesList(s.OnFailure)
	return len(s.OnFailure) > 0 && !standInEnds
}

// passes returns the conditions that are true if the step's action ends without failing, and whether
// a `fail` ends it always.
func (s *Step) passes() (facts []string, ends bool) {
	switch a := s.Action.(type) {
	case *Fail:
		return nil, true
	case *Switch:
		return a.passes()
	case *ForEach: // it may have no items, and each item has its own conditions
		return nil, false
	}
	for _, list := range s.Lists() {
		inner, innerEnds := passesList(list)
		facts, ends = append(facts, inner...), ends || innerEnds
	}
	return facts, ends
}

func passesList(steps []*Step) (facts []string, ends bool) {
	for _, s := range steps {
		facts = append(facts, s.after()...)
		ends = ends || s.If == nil && s.ends()
	}
	return facts, ends
}

// passes returns what is true after the switch. If the steps of a case end the list, its condition was
// false. That is certain only of the cases before the first one whose steps do not end it.
func (s *Switch) passes() (facts []string, ends bool) {
	for _, k := range s.Cases {
		if _, ends := passesList(k.Steps); !ends || k.If == nil {
			return facts, false
		}
		facts = append(facts, k.If.Denies()...)
	}
	inner, ends := passesList(s.Else)
	return append(facts, inner...), ends
}

// proved returns the view of the steps after a step.
func (v view) proved(s *Step) view {
	if facts := s.after(); len(facts) > 0 {
		v.facts = slices.Concat(v.facts, facts)
	}
	return v
}
