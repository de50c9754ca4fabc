package program

import (
	"strings"

	"errand/engine/definition"
)

// A belonging says which request a step works on: the request of the run, or another one.
type belonging int

const (
	unknown belonging = iota // may be the request of the run
	own                      // is the request of the run
	foreign                  // is another request
)

// ticketOf returns the belonging of the request that the parameter "ticket" of a step names.
func (w *pathWalk) ticketOf(t *Task) belonging { return w.belongingOf(t.Input.member("ticket")) }

// inputBelongings returns the belonging of each input of a called program.
func (w *pathWalk) inputBelongings(a *Subworkflow) map[string]belonging {
	given := map[string]belonging{}
	for _, field := range a.Program.Inputs.Fields {
		given[field.Name] = w.belongingOf(a.Input.member(field.Name))
	}
	return given
}

// belongingOf returns the belonging of a value, by the paths that the value reads.
func (w *pathWalk) belongingOf(value node) belonging {
	whose := unknown
	for i, path := range pathsOf(value) {
		var one belonging
		root, rest, _ := strings.Cut(path, ".")
		name, _, _ := strings.Cut(rest, ".")
		switch root {
		case "request":
			one = own
		case "inputs":
			one = w.given[name]
		case "steps":
			if w.opens(name) {
				one = foreign
			}
		}
		if one == own || i == 0 {
			whose = one
		}
	}
	return whose
}

// opens reports whether the main step with an id opens another request.
func (w *pathWalk) opens(id string) bool {
	for p := range w.program.Places() {
		if p.ID == id && p.Section == definition.MainSteps {
			t, ok := p.Action.(*Task)
			return ok && t.Type.Name == openingTask
		}
	}
	return false
}
