package program_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/sample"
	"errand/engine/task"
)

// A pathInput is the input of the tasks of these tests.
type pathInput struct {
	Ticket  string `json:"ticket"`
	WaitFor string `json:"wait_for" enum:"accepted,done"`
}

type pathOutput struct {
	State string `json:"state"`
}

// pathTasks are tasks that fail by chance and otherwise call a function with the name of their type.
func pathTasks(random *rand.Rand, did func(name string, in pathInput)) *task.Registry {
	define := func(name string, effect task.Effect, verb task.Verb, change func(*task.Type)) task.Type {
		t := task.Define(name, "Acts.", effect, func(_ context.Context, _ task.Call, in pathInput) (pathOutput, error) {
			if random.IntN(4) == 0 {
				return pathOutput{}, &task.Failure{Code: "Refused", Message: "by chance"}
			}
			did(name, in)
			return pathOutput{"done"}, nil
		}).WithChange(task.Change{Verb: verb})
		if change != nil {
			change(&t)
		}
		return t
	}
	return task.NewRegistry(
		task.Connector{Name: "ism", Types: []task.Type{
			define("ism.check", task.Reads, task.Looks, func(t *task.Type) { t.Checks = true }),
			define("ism.close_service_request", task.Converges, task.Changes, nil),
		}},
		task.Connector{Name: "ec2", Types: []task.Type{
			define("ec2.act", task.Converges, task.Changes, func(t *task.Type) { t.Awaits = "wait_for" }),
			define("ec2.look", task.Reads, task.Looks, nil),
		}},
		task.Connector{Name: "timer", Types: []task.Type{define("timer.delay", task.Pure, "", func(t *task.Type) { t.Waits = true })}},
	)
}

const ofRequest = "{ticket: '${{ request.id }}'}"

// TestPathRulesFind writes random definitions and runs each many times, with all inputs and with
// random failures of steps. If a rule does not warn, no run may do what it warns of. If it warns, a
// run does so for nearly all definitions.
func TestPathRulesFind(t *testing.T) {
	for _, rule := range []struct {
		name  string
		tasks []string
		watch func(wrong func()) func(name string, in pathInput)
	}{
		{
			"unchecked-request",
			[]string{"task: ism.check\nwith: " + ofRequest, "task: ec2.act\nwith: {wait_for: done}", "task: timer.delay", "task: ism.close_service_request\nwith: " + ofRequest},
			func(wrong func()) func(string, pathInput) {
				checked := false
				return func(name string, in pathInput) {
					switch {
					case name == "ism.check":
						checked = true
					case name == "timer.delay":
						checked = false
					case name == "ec2.act" && !checked:
						wrong()
					}
				}
			},
		},
		{
			"unobserved-state",
			[]string{"task: ec2.act", "task: ec2.act\nwith: {wait_for: accepted}", "task: ec2.act\nwith: {wait_for: done}", "task: ec2.look\nuntil: result.state == 'done'\nevery: 1s\nfor: 1m", "task: ism.close_service_request\nwith: " + ofRequest},
			func(wrong func()) func(string, pathInput) {
				unseen := false
				return func(name string, in pathInput) {
					switch {
					case name == "ec2.act":
						unseen = in.WaitFor != "done"
					case name == "ec2.look":
						unseen = false
					case name == "ism.close_service_request" && unseen:
						wrong()
					}
				}
			},
		},
	} {
		t.Run(rule.name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(7, 8))
			did := func(string, pathInput) {}
			registry := pathTasks(random, func(name string, in pathInput) { did(name, in) })
			warned, silent, unfounded := 0, 0, 0
			definitions := sample.Size(250, 500, 500)
			for range definitions {
				source := (&pathWriter{Rand: random, tasks: rule.tasks}).definition(false)
				p, problems := program.Load("random.yaml", []byte(source), registry)
				if !strings.Contains(source, "ism.close") {
					continue // it does not work on its request
				}
				if p == nil {
					t.Fatalf("refused: %v\n%s", problems, source)
				}
				said := slices.ContainsFunc(problems, func(p diag.Problem) bool { return p.Rule == rule.name })
				wrong := false
				for trial := 0; trial < 300 && !wrong; trial++ {
					did = rule.watch(func() { wrong = true })
					inputs := map[string]any{"a": trial&1 != 0, "b": trial&2 != 0, "e": []string{"one", "two", "six"}[trial%3], "l": make([]any, trial&4/2)}
					for i := range inputs["l"].([]any) {
						inputs["l"].([]any)[i] = fmt.Sprint(i)
					}
					runSucceeds(t, p, registry, inputs)
				}
				switch {
				case wrong && !said:
					t.Fatalf("a run does what %s warns of, but there is no warning:\n%s", rule.name, source)
				case said:
					warned++
					if !wrong {
						unfounded++
						t.Logf("no run does what the rule warns of:\n%s%s", render(t, problems, []byte(source)), source)
					}
				default:
					silent++
				}
			}
			t.Logf("%d warnings, %d perhaps without reason; %d definitions without", warned, unfounded, silent)
			if warned < definitions/10 || silent < definitions/10 || unfounded > warned/20 {
				t.Error("there are too few warnings, or too many wrong ones")
			}
		})
	}
}
