package program_test

import (
	"fmt"
	"strings"
	"testing"

	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/task"
	"errand/tasks"
)

// A habitCase is something that people write who know another tool, and what it must become if the
// help is followed.
type habitCase struct{ written, meant string }

const habitInputs = `inputs:
  who: {type: string, required: false}
  name: {type: string, default: web}
  level: {type: string, enum: [low, high], default: low}
  pause: {type: duration, default: 9s}
  size: {type: integer, default: 1}
  flag: {type: boolean, default: false}
  xs: {type: list, items: {type: string}, default: [a]}
  none: {type: list, items: {type: string}, required: false}
  any: {type: list, default: [1]}
  rows: {type: list, items: {type: object, properties: {port: {type: integer}}}, default: []}
`

// nested are habits in habits: filters of filters, methods of methods, and both below a negation.
func nested() (all []habitCase) {
	functions := []string{"trim", "upper", "lower"}
	for _, f := range functions {
		for _, g := range functions {
			meant := g + "(" + f + "(inputs.name))"
			all = append(all,
				habitCase{"inputs.name | " + f + " | " + g, meant}, habitCase{"inputs.name." + f + "()." + g + "()", meant},
				habitCase{"inputs.name|" + f + "|" + g + ` == "a"`, meant + ` == "a"`}, habitCase{"inputs.name | " + f + " | " + g + " | length", "len(" + meant + ")"},
				habitCase{"not inputs.name." + f + "()." + g + `() == "a"`, meant + ` != "a"`})
		}
	}
	for _, not := range []string{"not ", "!", "NOT "} {
		for _, operator := range []string{"<", "<=", ">", ">="} {
			all = append(all, habitCase{not + "inputs.size " + operator + " 3", "not (inputs.size " + operator + " 3)"})
		}
		for _, operator := range []string{"contains", "matches", "startsWith", "endsWith"} {
			all = append(all, habitCase{not + "inputs.name " + operator + ` "a"`, "not (inputs.name " + operator + ` "a")`})
		}
	}
	return all
}

func allHabits() []struct{ name, source, meant string } {
	var all []struct{ name, source, meant string }
	add := func(kind string, cases []habitCase, format string) {
		for _, c := range cases {
			all = append(all, struct{ name, source, meant string }{kind + ": " + c.written, fmt.Sprintf(format, c.written), c.meant})
		}
	}
	const start = "workflow: habit\n"
	const step = "steps:\n  - id: wait\n    task: timer.delay\n    with: {duration: 1s}\n"
	add("value", values, start+habitInputs+step+"outputs:\n  v: >-\n    ${{ %s }}\n")
	add("nested", nested(), start+habitInputs+step+"outputs:\n  v: >-\n    ${{ %s }}\n")
	add("step", stepKeys, start+habitInputs+step+"  - task: timer.delay\n    %s\n    with: {duration: 1s}\n")
	add("form", forms, start+habitInputs+step+"  - %s\n")
	add("input", inputLines, start+"inputs:\n  more: %s\n"+step)
	add("top", tops, start+"%s\n"+step)
	add("finally", []habitCase{{"failure()", "if: failure != nil"}, {"success()", "if: failure == nil"}}, start+step+"finally:\n  - if: %s\n    task: timer.delay\n    with: {duration: 1s}\n")
	add("condition", []habitCase{{"inputs.who != None", "inputs.who != nil"}, {"inputs.xs.length > 0", "len(inputs.xs) > 0"}, {"contains(inputs.xs, 'a')", "'a' in inputs.xs"}, {"${{ inputs.flag }}", "if: inputs.flag"}}, start+habitInputs+step+"  - if: %s\n    task: timer.delay\n    with: {duration: 1s}\n")
	add("until", []habitCase{
		{`current_instance_state == "stopped"`, `until: result.current_instance_state == "stopped"`},
		{`output.current_instance_state == "stopped"`, `until: result.current_instance_state == "stopped"`},
		{`outputs.current_instance_state == "stopped"`, `until: result.current_instance_state == "stopped"`},
		{`steps.wait.outputs.fired_at == result.current_instance_state`, "steps.wait.fired_at =="},
	}, start+habitInputs+step+"  - task: ec2.get_instance_status\n    with: {credential: aws, instance_id: i-0a1b2c3d4e5f6a7b8}\n    until: %s\n    every: 1m\n    for: 1h\n")
	add("text", []habitCase{{"{{ inputs.name }}", "${{ inputs.name }}"}}, start+habitInputs+step+"outputs: {v: %s}\n")
	return all
}

// TestHabits writes each habit into a small definition and follows the help, as it is written,
// until nothing is left. There is one problem for one cause, and the definition then passes.
func TestHabits(t *testing.T) {
	registry := task.NewRegistry(tasks.Connectors(task.Environment{})...)
	all := allHabits()
	if len(all) < 60 {
		t.Errorf("there are only %d habits", len(all))
	}
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			check := func(text []byte) []diag.Problem {
				_, problems := program.Load("habit.yaml", text, registry)
				return problems
			}
			text := []byte(c.source)
			problems := check(text)
			if !diag.HasErrors(problems) {
				t.Fatal("the definition is accepted")
			}
			for round := 0; diag.HasErrors(problems); round++ {
				p := problems[0]
				if count := number(problems, func(q diag.Problem) bool { return q.Range.Start.Line == p.Range.Start.Line && q.IsError() }); count > 1 && !strings.Contains(c.name, "interval") {
					t.Errorf("one cause has %d problems:\n%s", count, render(t, problems, text))
				}
				made, ok := follow(text, p)
				if !ok || round > 3 {
					t.Fatalf("the help cannot be followed:\n%s", render(t, problems, text))
				}
				if p.Fix != nil {
					fixed, _ := p.Fix.Apply(text)
					if number(check(fixed), diag.Problem.IsError) >= number(problems, diag.Problem.IsError) {
						t.Errorf("the fix is not certain:\n%s\n%s", render(t, check(fixed), fixed), fixed)
					}
				}
				text, problems = made, check(made)
			}
			if !strings.Contains(string(text), c.meant) {
				t.Errorf("the help leads to\n%s\nwant it to have %q", text, c.meant)
			}
		})
	}
}

// After many problems a wrong key has no help rather than a false one.
func TestHabitsAreMany(t *testing.T) {
	source := "workflow: many\nsteps:\n" + strings.Repeat("  - {task: timer.delay, with: {duration: 1s}, tmeout: 5m}\n", 220)
	_, problems := program.Load("many.yaml", []byte(source), task.NewRegistry(tasks.Connectors(task.Environment{})...))
	if len(problems) != 220 {
		t.Fatalf("got %d problems, want 220", len(problems))
	}
	for _, p := range problems {
		if strings.Contains(p.Help, "given already") {
			t.Fatalf("line %d: %s", p.Range.Start.Line, p.Help)
		}
	}
}
