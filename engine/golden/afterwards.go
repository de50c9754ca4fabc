package golden

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"errand/engine"
	"errand/engine/schema"
	"errand/tasks/sandbox"
)

// afterwards returns the part "afterwards" of a case: the outcome of the run and what the sandbox
// holds when it ends. state is nil without a sandbox.
func afterwards(result engine.Result, state *sandbox.State) string {
	var b strings.Builder
	if result.Ended.IsZero() {
		fmt.Fprintf(&b, "run %s\n", result.Status)
	} else {
		fmt.Fprintf(&b, "run %s after %s\n", result.Status, span(result.Ended.Sub(result.Started)))
	}
	if f := result.Failure; f != nil {
		fmt.Fprintf(&b, "failure at %s: %s: %s\n", f.Step, f.Code, f.Message)
	}
	for _, name := range slices.Sorted(maps.Keys(result.Outputs)) {
		fmt.Fprintf(&b, "output %s: %s\n", name, schema.Encode(result.Outputs[name]))
	}
	if state != nil {
		b.WriteString(state.Describe())
	}
	return inPart(b.String())
}

// state returns what the sandbox holds, or nil without a sandbox.
func (s *setup) state() *sandbox.State {
	if s.box == nil {
		return nil
	}
	state := s.box.State()
	return &state
}
