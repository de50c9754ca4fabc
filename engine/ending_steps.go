package engine

import "errand/engine/program"

// EndingSteps returns the shapes (StepShape) of the keys of all steps that run because a run has
// failed or ended. A retry does not look for what they did: it belonged to that end.
func EndingSteps(p *program.Program) map[string]bool {
	shapes := map[string]bool{}
	var all func(prefix string, steps []*program.Step, ending bool)
	all = func(prefix string, steps []*program.Step, ending bool) {
		for _, s := range steps {
			key := prefix + s.Key
			if ending {
				shapes[StepShape(key)] = true
			}
			within := prefix
			switch a := s.Action.(type) {
			case *program.ForEach:
				within = key + "[0]."
			case *program.Call:
				of := key + "."
				all(of, a.Program.Steps, ending)
				all(of, a.Program.OnFailure, true)
				all(of, a.Program.Finally, true)
			}
			for _, list := range s.Lists() {
				all(within, list, ending)
			}
			all(prefix, s.OnFailure, ending)
			all(prefix, s.Undo, true)
		}
	}
	if p != nil {
		all("", p.Steps, false)
		all("", p.OnFailure, true)
		all("", p.Finally, true)
	}
	return shapes
}
