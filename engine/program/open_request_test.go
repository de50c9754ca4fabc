package program_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/sample"
	"errand/engine/task"
	"errand/engine/virtual"
	"errand/tasks"
)

// The rule also counts what a called workflow does with the request.
func TestOpenRequestThroughCalls(t *testing.T) {
	registry := task.NewRegistry(tasks.Connectors(task.Environment{})...)
	closing := func(ticket string) string {
		return "steps:\n  - task: ism.close_service_request\n    with: {ticket: '${{ " + ticket + " }}'}\n"
	}
	cases := []struct {
		name, main, callee string
		want               string // in the notes; "" if no warning is expected
	}{
		{"the callee closes", "steps: [{workflow: callee}]", closing("request.id"), ""},
		{"the callee closes at its end", "steps: [{workflow: callee}]", "steps: [{task: timer.delay, with: {duration: 1s}}]\nfinally:" + strings.TrimPrefix(closing("request.id"), "steps:"), ""},
		{"it is called under an if", "inputs: {a: {type: boolean}}\nsteps: [{if: inputs.a, workflow: callee}]", closing("request.id"), "the `if` of the step on line 3 is not true"},
		{
			"the callee closes under an if", "steps: [{workflow: callee, with: {a: true}}]",
			"inputs: {a: {type: boolean}}\n" + strings.Replace(closing("request.id"), "  - ", "  - if: inputs.a\n    ", 1),
			"the workflow \"callee\" leaves it open because in it the `if` of step \"ism.close_service_request\" is not true",
		},
		{"the callee is given its ticket", "inputs: {a: {type: boolean}}\nsteps: [{if: inputs.a, workflow: callee, with: {t: '${{ request.id }}'}}]", "inputs: {t: {type: string}}\n" + closing("inputs.t"), "the `if` of the step on line 3 is not true"},
		{"the callee is given another's ticket", "inputs: {a: {type: boolean}}\nsteps: [{if: inputs.a, workflow: callee, with: {t: 100-292}}]", "inputs: {t: {type: string}}\n" + closing("inputs.t"), ""},
		{
			"the failure of the call is passed over", "steps: [{workflow: callee, on_failure: continue}]", closing("request.id"),
			"the step on line 2 fails, and the run goes on",
		},
		{"one callee after the other", "inputs: {a: {type: boolean}}\nsteps: [{if: inputs.a, workflow: callee}, {if: not inputs.a, workflow: callee}]", closing("request.id"), ""},
		{"the callee closes nothing", "steps: [{workflow: callee}]", "steps: [{task: timer.delay, with: {duration: 1s}}]", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			source := "workflow: main\n" + c.main + "\n"
			loader := program.Loader{Registry: registry, Find: func(name string) (string, []byte, error) {
				if name != "callee" {
					return "", nil, errors.New("there is none")
				}
				return "callee.yaml", []byte("workflow: callee\n" + c.callee), nil
			}}
			_, problems := loader.Load("main.yaml", []byte(source))
			var notes []string
			for _, p := range problems {
				if p.Rule != "open-request" {
					t.Fatalf("%v", p)
				}
				notes = append(notes, p.Notes...)
			}
			got := strings.Join(notes, "; ")
			if (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q\n%s", got, c.want, render(t, problems, []byte(source)))
			}
		})
	}
}

// TestOpenRequestIsFound writes random definitions that close their request somewhere. It runs each
// definition many times, with all inputs and with random failures of steps. If there is no warning,
// no run must succeed and leave its request open. If there is a warning, such a run must exist for
// nearly all definitions: conditions can depend on each other in ways that the check does not see.
func TestOpenRequestIsFound(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	closed := false
	type input struct {
		Ticket string `json:"ticket" required:"true"`
	}
	act := func(effect func()) func(context.Context, task.Call, input) (struct{}, error) {
		return func(context.Context, task.Call, input) (struct{}, error) {
			if random.IntN(3) == 0 {
				return struct{}{}, &task.Failure{Code: "Refused", Message: "by chance"}
			}
			effect()
			return struct{}{}, nil
		}
	}
	registry := task.NewRegistry(task.Connector{Name: "ism", Types: []task.Type{
		task.Define("ism.close_service_request", "Closes.", task.Converges, act(func() { closed = true })),
		task.Define("ism.other", "Does something else.", task.Converges, act(func() {})),
	}})
	warned, silent, unfounded := 0, 0, 0
	definitions := sample.Size(250, 500, 500)
	for range definitions {
		source := (&closer{Rand: random}).definition()
		p, problems := program.Load("random.yaml", []byte(source), registry)
		if p == nil {
			t.Fatalf("refused: %v\n%s", problems, source)
		}
		before, _, _ := strings.Cut(source, "\non_failure:\n") // the last section, if there is one
		main, end, _ := strings.Cut(before, "\nfinally:\n")
		if closes := "ism.close"; !strings.Contains(main, closes) && (!strings.Contains(end, closes) || strings.Contains(end, "failure != nil")) {
			// the definition never closes its request on success, so the rule ignores it
			continue
		}
		said := slices.ContainsFunc(problems, func(p diag.Problem) bool { return p.Rule == "open-request" })
		open := false
		for trial := range 200 {
			closed = false
			inputs := map[string]any{"a": trial&1 != 0, "b": trial&2 != 0, "e": []string{"one", "two", "six"}[trial%3], "l": make([]any, trial&4/2)}
			for i := range inputs["l"].([]any) {
				inputs["l"].([]any)[i] = fmt.Sprint(i)
			}
			if runSucceeds(t, p, registry, inputs) && !closed {
				open = true
				break
			}
		}
		switch {
		case open && !said:
			t.Fatalf("a run succeeds and leaves its request open, but there is no warning:\n%s", source)
		case said:
			warned++
			if !open {
				unfounded++
				t.Logf("said, and no run leaves its request open:\n%s%s", render(t, problems, []byte(source)), source)
			}
		default:
			silent++
		}
	}
	t.Logf("something is said of %d definitions, of %d perhaps without reason; of %d nothing", warned, unfounded, silent)
	if warned < definitions*3/10 || silent < definitions/5 || unfounded > warned/50 {
		t.Error("there are too few warnings, or too many wrong ones")
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

// A closer writes random definitions that close their request on some paths.
type closer struct {
	*rand.Rand
	b     strings.Builder
	count int
	lists int
	ids   []string // ids of steps that may have failed
}

func (a *closer) definition() string {
	a.b.WriteString("workflow: random\ninputs:\n  a: {type: boolean}\n  b: {type: boolean}\n  e: {type: string, enum: [one, two, six]}\n" +
		"  l: {type: list, items: {type: string}}\nsteps:\n")
	a.steps("  ", 1+a.IntN(3), 0)
	if a.IntN(3) == 0 {
		a.b.WriteString("finally:\n")
		a.step("  ", 3, []string{"failure == nil", "failure != nil", "inputs.a", ""}[a.IntN(4)])
	}
	if a.IntN(3) == 0 {
		a.b.WriteString("on_failure:\n")
		a.step("  ", 3, "")
	}
	return a.b.String()
}

func (a *closer) steps(indent string, n, depth int) {
	for range n {
		condition := ""
		if a.IntN(3) == 0 {
			condition = a.condition()
		}
		a.step(indent, depth, condition)
	}
}

func (a *closer) condition() string {
	all := []string{"inputs.a", "inputs.b", "not inputs.a", "!inputs.b", "inputs.a == false", "inputs.a && inputs.b", "inputs.a or inputs.b",
		"!(inputs.a && inputs.b)", `inputs.e == "one"`, `inputs.e != "one"`, `inputs.e == "two"`, `inputs.e == "six"`, `inputs.e in ["two", "six"]`, "true"}
	for _, id := range a.ids {
		all = append(all, "steps."+id+".success", "not steps."+id+".success")
	}
	return all[a.IntN(len(all))]
}

func (a *closer) step(indent string, depth int, condition string) {
	a.count++
	id := fmt.Sprintf("s%d", a.count)
	fmt.Fprintf(&a.b, "%s- id: %s\n", indent, id)
	if condition != "" {
		fmt.Fprintf(&a.b, "%s  if: '%s'\n", indent, condition)
	}
	before := slices.Clone(a.ids)
	form := a.IntN(10)
	if depth > 1 {
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
	default:
		fmt.Fprintf(&a.b, "%s  task: ism.%s\n%s  with: {ticket: '${{ request.id }}'}\n", indent, []string{"close_service_request", "other"}[a.IntN(2)], indent)
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
