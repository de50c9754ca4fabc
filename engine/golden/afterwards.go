package golden

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"errand/engine"
	"errand/engine/schema"
)

// afterwards returns the part "afterwards" of a case: the outcome of the run and what the sandbox
// holds when it ends.
func (s *setup) afterwards(result engine.Result) string {
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
	if s.box != nil {
		b.WriteString(s.box.State().Describe())
	}
	return inPart(b.String())
}
