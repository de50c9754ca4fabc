package program_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/program"
	"errand/engine/task"
	"errand/engine/virtual"
)

// A pathWriter writes random definitions with many paths, which call some tasks.
type pathWriter struct {
	*rand.Rand
	tasks    []string // the lines of a step
	parallel bool     // also write branches
	b        strings.Builder
	count    int
	lists    int
	ids      []string // ids of steps that may have failed
}

func (a *pathWriter) definition(handlers bool) string {
	a.b.WriteString("workflow: random\ninputs:\n  a: {type: boolean}\n  b: {type: boolean}\n  e: {type: string, enum: [one, two, six]}\n" +
		"  l: {type: list, items: {type: string}}\nsteps:\n")
	a.steps("  ", 1+a.IntN(3), 0)
	if handlers && a.IntN(3) == 0 {
		a.b.WriteString("finally:\n")
		a.step("  ", 3, []string{"failure == nil", "failure != nil", "inputs.a", ""}[a.IntN(4)])
	}
	if handlers && a.IntN(3) == 0 {
		a.b.WriteString("on_failure:\n")
		a.step("  ", 3, "")
	}
	return a.b.String()
}

func (a *pathWriter) steps(indent string, n, depth int) {
	for range n {
		condition := ""
		if a.IntN(3) == 0 {
			condition = a.condition()
		}
		a.step(indent, depth, condition)
	}
}

func (a *pathWriter) condition() string {
	all := []string{"inputs.a", "inputs.b", "not inputs.a", "!inputs.b", "inputs.a == false", "inputs.a && inputs.b", "inputs.a or inputs.b",
		"!(inputs.a && inputs.b)", `inputs.e == "one"`, `inputs.e != "one"`, `inputs.e == "two"`, `inputs.e == "six"`, `inputs.e in ["two", "six"]`, "true"}
	for _, id := range a.ids {
		all = append(all, "steps."+id+".success", "not steps."+id+".success")
	}
	return all[a.IntN(len(all))]
}

func (a *pathWriter) step(indent string, depth int, condition string) {
	a.count++
	id := fmt.Sprintf("s%d", a.count)
	fmt.Fprintf(&a.b, "%s- id: %s\n", indent, id)
	if condition != "" {
		fmt.Fprintf(&a.b, "%s  if: '%s'\n", indent, condition)
	}
	before := slices.Clone(a.ids)
	form := a.IntN(11)
	if depth > 1 || form == 7 && !a.parallel {
		form = 0
	}
	switch form {
	case 7:
		fmt.Fprintf(&a.b, "%s  parallel:\n", indent)
		for _, name := range []string{"one", "two"} {
			fmt.Fprintf(&a.b, "%s    %s:\n", indent, name)
			a.ids = slices.Clone(before)
			a.steps(indent+"      ", 1+a.IntN(2), depth+1)
		}
	case 8:
		a.lists++
		list := []string{"${{ inputs.l }}", "[p, q]"}[a.IntN(2)]
		fmt.Fprintf(&a.b, "%s  for_each: %s\n%s  as: item%d\n%s  steps:\n", indent, list, indent, a.lists, indent)
		a.steps(indent+"    ", 1+a.IntN(2), depth+1)
	case 9:
		fmt.Fprintf(&a.b, "%s  switch:\n", indent)
		for range 1 + a.IntN(3) {
			a.ids = slices.Clone(before)
			fmt.Fprintf(&a.b, "%s    - if: '%s'\n%s      steps:\n", indent, a.condition(), indent)
			a.steps(indent+"        ", 1+a.IntN(2), depth+1)
		}
		if a.IntN(2) == 0 {
			a.ids = slices.Clone(before)
			fmt.Fprintf(&a.b, "%s  else:\n", indent)
			a.steps(indent+"    ", 1, depth+1)
		}
	case 10:
		fmt.Fprintf(&a.b, "%s  steps:\n", indent)
		a.steps(indent+"    ", 1+a.IntN(3), depth+1)
	default:
		for line := range strings.SplitSeq(a.tasks[a.IntN(len(a.tasks))], "\n") {
			fmt.Fprintf(&a.b, "%s  %s\n", indent, line)
		}
	}
	a.ids = before
	switch a.IntN(4) {
	case 0:
		fmt.Fprintf(&a.b, "%s  on_failure: continue\n", indent)
		// otherwise the value may be null, and the check requires a guard
		if condition == "" && depth == 0 {
			a.ids = append(a.ids, id)
		}
	case 1:
		if depth < 2 {
			fmt.Fprintf(&a.b, "%s  on_failure:\n", indent)
			a.steps(indent+"    ", 1, 2)
		}
	}
}

func runSucceeds(t *testing.T, p *program.Program, registry *task.Registry, inputs map[string]any) bool {
	t.Helper()
	host := &virtual.Host{
		Context: t.Context(), Clock: virtual.NewClock(time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)), Registry: registry, Watch: func(engine.Event) {},
	}
	result, err := engine.Run(host, engine.Request{Run: "r", Request: "100-291", Inputs: inputs}, p)
	if err != nil {
		t.Fatal(err)
	}
	return result.Status == engine.Succeeded
}
