package program_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/sample"
	"errand/engine/task"
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
		source := (&pathWriter{Rand: random, parallel: true, tasks: []string{
			"task: ism.close_service_request\nwith: {ticket: '${{ request.id }}'}", "task: ism.other\nwith: {ticket: '${{ request.id }}'}",
		}}).definition(true)
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
		for trial := range 400 {
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
