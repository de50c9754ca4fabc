package program

import "slices"

// If a switch has a case for everything, exactly one of its arms has run afterwards. So a step that
// runs whenever its arm does has run if no other arm has, which shows in one step of each of them:
// `steps.left?.text ?? steps.right.text`.

// An arm is the steps of a case or of `else`.
type arm struct {
	certain []string // the ids of the steps that have run if the arm has, and the run went on
	ends    bool     // the run does not go on after the arm
}

func armOf(steps []*Step, known []knownStep) arm {
	a := arm{}
	_, a.ends = passesList(steps)
	for _, k := range known {
		if k.conjuncts == nil && !k.standIn && k.inside == "" {
			a.certain = append(a.certain, k.id)
		}
	}
	return a
}

// exhausts reports whether the last case runs if none of the others does.
func exhausts(cases []Case) bool {
	var before []string
	for _, k := range cases {
		if k.If == nil {
			return false
		}
		if conditions := k.If.Implies(); len(before) > 0 && !slices.ContainsFunc(conditions, func(text string) bool { return !slices.Contains(before, text) }) {
			return true
		}
		before = append(before, k.If.Denies()...)
	}
	return false
}

// proveByOthers adds to the steps of the arms that they have run if the other arms have not. s is the
// switch, under whose own condition that holds.
func proveByOthers(known []knownStep, arms []arm, s *Step) {
	for i, own := range arms {
		var conditions []string
		if s.If != nil {
			conditions = s.If.Implies()
		}
		decided := true
		for j, other := range arms {
			switch {
			case j == i || other.ends:
			case len(other.certain) == 0:
				decided = false
			default:
				conditions = append(conditions, "steps."+other.certain[0]+" == nil")
			}
		}
		for at := range known {
			if k := &known[at]; decided && slices.Contains(own.certain, k.id) {
				k.otherwise = append(k.otherwise, slices.Clone(conditions))
			}
		}
	}
}
