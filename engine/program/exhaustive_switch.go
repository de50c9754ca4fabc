package program

import "slices"

// If a switch has a case for everything, exactly one of its arms has run afterwards. So if a step of
// each other arm is null, the remaining arm has run, and with it each of its steps that has no
// condition: `steps.left?.text ?? steps.right.text`.

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

// proveByOthers adds to the steps of each arm that they have run if the other arms have not. That holds
// only if the switch has run. s is the switch.
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
