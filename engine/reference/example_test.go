package reference_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"errand/definitions"
	"errand/engine"
	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
	"errand/engine/virtual"
	"errand/tasks"
	"errand/tasks/sandbox"
)

// A bench runs the examples of the page. An example that is a part of a definition is completed
// with the inputs of the block that is marked as prelude.
type bench struct {
	t              *testing.T
	prelude        string
	examples, rows int
}

func newBench(t *testing.T, language string) *bench {
	for _, m := range fences.FindAllStringSubmatch(language, -1) {
		if m[2] != "" {
			return &bench{t: t, prelude: m[3]}
		}
	}
	t.Fatal("no block is marked as prelude")
	return nil
}

const idle = "steps:\n  - {task: timer.delay, with: {duration: 1s}}\n"

// whole returns the definition for an example: the example itself, or a definition around a list of
// steps or keys of the top.
func (b *bench) whole(example string) string {
	switch {
	case strings.Contains("\n"+example, "\nworkflow:"):
		return example
	case strings.HasPrefix(example, "- "):
		example = "steps:\n  " + strings.ReplaceAll(strings.TrimSpace(example), "\n", "\n  ") + "\n"
	case !strings.Contains("\n"+example, "\nsteps:"):
		example = idle + example
	}
	if !strings.Contains("\n"+example, "\ninputs:") {
		example = b.prelude + example
	}
	return "workflow: example\n" + example
}

// contexts has a function for each heading of a table's first column. It returns the definition for
// a cell.
func (b *bench) contexts() map[string]func(string) string {
	return map[string]func(string) string{
		"at the top": func(s string) string { return b.whole(s + "\n") },
		"an input":   func(s string) string { return b.whole("inputs:\n  size: " + s + "\n") },
		"a step":     func(s string) string { return b.whole("- " + s + "\n") },
		"in a step":  func(s string) string { return b.whole("- task: timer.delay\n  with: {duration: 1s}\n  " + s + "\n") },
		"in a task": func(s string) string {
			return b.whole("- id: look\n  task: ec2.get_instance_status\n  with: {instance_id: \"${{ inputs.instance_id }}\"}\n  " + strings.ReplaceAll(s, `\n`, "\n  ") + "\n")
		},
		"in an approval": func(s string) string { return b.whole("- approval: {" + s + "}\n") },
		"a text":         func(s string) string { return b.whole("outputs:\n  text: " + s + "\n") },
		"an expression":  func(s string) string { return b.whole("outputs:\n  value: " + strconv.Quote("${{ "+s+" }}") + "\n") },
		"a whole file":   func(s string) string { return strings.ReplaceAll(s, `\n`, "\n") },
	}
}

func (b *bench) loader(registry *task.Registry) program.Loader {
	return program.Loader{Registry: registry, Find: func(name string) (string, []byte, error) {
		source, err := definitions.Files.ReadFile(name + ".yaml")
		if err != nil {
			err = fmt.Errorf("there is no workflow %q", name)
		}
		return name + ".yaml", source, err
	}}
}

func (b *bench) check(source string) []diag.Problem {
	_, problems := b.loader(tasks.Registry(task.Environment{})).Load("", []byte(source))
	return slices.DeleteFunc(problems, func(p diag.Problem) bool { return p.Rule == "unused-input" }) // of those that every example gets
}

// ofParts are rules that warn about whole workflows. They do not apply to examples.
var ofParts = []string{"unused-output", "ignored-decision", "unchecked-request", "unobserved-state"}

// accept checks that an example has no problems.
func (b *bench) accept(source string) {
	b.examples++
	problems := slices.DeleteFunc(b.check(source), func(p diag.Problem) bool { return slices.Contains(ofParts, p.Rule) })
	if len(problems) > 0 {
		b.t.Errorf("an example is not accepted: %v\n%s", problems, source)
	}
}

// problems returns the problems of an example in short.
func (b *bench) problems(source string) string {
	var out strings.Builder
	for _, p := range b.check(source) {
		severity := diag.Error
		if !p.IsError() {
			severity = diag.Warning
		}
		fmt.Fprintf(&out, "%s[%s]: %s\n", severity, p.Rule, p.Message)
		if p.Help != "" {
			fmt.Fprintf(&out, "  help: %s\n", p.Help)
		}
	}
	return out.String()
}

// trace returns the trace of an example in the sandbox. i.meier approves every question ten minutes
// later.
func (b *bench) trace(source string) string {
	var out strings.Builder
	start := time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC)
	p, _ := b.loader(tasks.Registry(task.Environment{})).Load("", []byte(source))
	names := p.KeyNames()
	b.run(source, start, func(e engine.Event) {
		e.Input, e.Task = nil, ""
		e.Step, e.Cause = names.Of(e.Step), names.Of(e.Cause)
		branch := ""
		if e.Branch != "" {
			branch = "[" + e.Branch + "] "
		}
		fmt.Fprintf(&out, "+%s %s%s\n", schema.FormatDuration(e.At.Sub(start)), branch, e)
	})
	return out.String()
}

// evaluate returns the value of an expression as JSON. The inputs are those of the prelude.
func (b *bench) evaluate(expression string) string {
	source := b.contexts()["an expression"](expression)
	b.accept(source)
	result := b.run(source, time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC), func(engine.Event) {})
	return string(schema.Encode(result.Outputs["value"]))
}

func (b *bench) run(source string, start time.Time, watch func(engine.Event)) engine.Result {
	clock := virtual.NewClock(start)
	box, err := sandbox.New(sandbox.DefaultWorld(), clock.Now)
	if err != nil {
		b.t.Fatal(err)
	}
	registry := tasks.Registry(task.Environment{Credentials: sandbox.Credentials{}, Transport: box.Transport()})
	p, problems := b.loader(registry).Load("", []byte(source))
	if p == nil {
		b.t.Fatalf("the example cannot run: %v\n%s", problems, source)
	}
	inputs, err := p.Inputs.Decode([]byte("{}"))
	if err != nil {
		b.t.Fatalf("the example has an input without a default: %v\n%s", err, source)
	}
	answer := func(engine.Question) (engine.Decision, time.Duration, bool) {
		return engine.Decision{Verdict: engine.VerdictApprove, By: engine.Person{Name: "i.meier"}}, 10 * time.Minute, true
	}
	result, err := engine.Run(&virtual.Host{Context: b.t.Context(), Clock: clock, Registry: registry, Watch: watch, Answer: answer},
		engine.Request{Run: "examplerun000000", Request: "100-291", Inputs: inputs.(map[string]any)}, p)
	if err != nil && !errors.Is(err, engine.ErrUndecided) {
		b.t.Fatal(err)
	}
	return result
}

// data returns a definition as decoded JSON.
func data(t *testing.T, source string) any {
	raw, problems := definition.Data("", []byte(source))
	var value any
	if len(problems) > 0 || json.Unmarshal(raw, &value) != nil {
		t.Fatalf("the example is not valid YAML: %v\n%s", problems, source)
	}
	return value
}
