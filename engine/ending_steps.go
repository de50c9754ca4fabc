package engine

import (
	"slices"

	"errand/engine/program"
)

// EndingSteps returns a function that reports whether the step with a key runs because a run has
// failed or ended. A retry does not look for what such a step did: it belonged to that end.
func EndingSteps(p *program.Program) func(step string) bool {
	patterns := map[program.Key][]program.Key{} // by shape
	if p != nil {
		for s := range p.AllPlaces() {
			if s.AfterMainSteps() {
				patterns[s.Key.Shape()] = append(patterns[s.Key.Shape()], s.Key)
			}
		}
	}
	return func(step string) bool {
		key := program.Key(step)
		return slices.ContainsFunc(patterns[key.Shape()], func(pattern program.Key) bool { return pattern.Matches(key) })
	}
}
