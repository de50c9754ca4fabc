package plan_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"errand/engine/diag"
	"errand/engine/plan"
	"errand/engine/program"
	"errand/engine/task"
	"errand/tasks"
)

// A policy covers every possible course of a definition. It allows what each of its task types
// needs, and nothing more, whatever the inputs of the plan are. testdata/wait-for.txtar and
// testdata/assets.txtar show the permissions that only some calls need.
func TestNeedsAreThoseOfAllSteps(t *testing.T) {
	registry := tasks.Registry(task.Environment{})
	compared := 0
	for name, p := range everyProgram(t, registry) {
		want := map[program.Credential]map[string]bool{}
		mayNeed := map[program.Credential]map[string]bool{} // what only some calls of its types need
		everyTask(p, func(a *program.Task) {
			used := program.Credential{Connector: a.Type.Connector(), Name: a.Credential}
			for _, need := range a.Type.Needs {
				to := want
				if need.If != (task.Condition{}) {
					to = mayNeed
				}
				if to[used] == nil {
					to[used] = map[string]bool{}
				}
				to[used][need.Action] = true
			}
		})
		for _, values := range []map[string]any{nil, {"instance_id": "i-0a1b2c3d4e5f60001", "size": 1, "environment": "test", "instance_ids": []any{}}} {
			given := map[string]any{}
			for name, value := range values {
				if f, declared := p.Inputs.Field(name); declared {
					if v, err := f.Type.Canonical(value); err == nil {
						given[name] = v
					}
				}
			}
			known, err := plan.Inputs(p, given)
			if err != nil {
				t.Fatal(err)
			}
			made := makePlan(t, p, plan.Options{Inputs: known, Registry: registry})
			got := map[program.Credential]map[string]bool{}
			for _, n := range made.Needs {
				all := map[string]bool{}
				for _, right := range n.Rights {
					all[right] = true
				}
				if n.Policy != nil {
					for _, s := range n.Policy.Statement {
						for _, action := range s.Action {
							all[action] = true
						}
					}
				}
				used := program.Credential{Connector: n.Connector, Name: n.Credential}
				maps.DeleteFunc(all, func(action string, _ bool) bool { return mayNeed[used][action] && !want[used][action] })
				got[used] = all
			}
			compared++
			if !maps.EqualFunc(got, want, maps.Equal) {
				t.Errorf("%s: the plan needs %v, but its tasks need %v", name, got, want)
			}
			if text := made.Text(); strings.Contains(text, "\x1b") || !strings.HasPrefix(text, p.Name) {
				t.Errorf("%s: the text of the plan is incomplete:\n%s", name, text)
			}
		}
	}
	if compared < 40 {
		t.Errorf("only %d plans were compared", compared)
	}
}

// everyProgram returns the shipped workflows, the examples, and the workflows of this package's
// cases.
func everyProgram(t *testing.T, registry *task.Registry) map[string]*program.Program {
	t.Helper()
	all := map[string]*program.Program{}
	for _, pattern := range []string{"../../definitions/*.yaml", "../../examples/bring-up-instance.yaml", "../../examples/workflows/*.yaml", "../../testdata/good/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, problems := program.Loader{Registry: registry, Find: beside(filepath.Dir(file))}.Load(filepath.Base(file), text)
			if diag.HasErrors(problems) {
				t.Fatalf("%s: %v", file, problems)
			}
			all[file] = p
		}
	}
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		document, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		archive := txtar.Parse(document)
		var c planCase
		read(t, archive, "case.yaml", &c)
		all[file] = load(t, registry, c.Workflow, archive)
	}
	return all
}

func beside(folder string) func(name string) (string, []byte, error) {
	return func(name string) (string, []byte, error) {
		found, err := workflows.Find(name, folder)
		return name + ".yaml", found.Text, err
	}
}

// everyTask visits all tasks of a program.
func everyTask(p *program.Program, visit func(*program.Task)) {
	var list func([]*program.Step)
	list = func(steps []*program.Step) {
		for _, s := range steps {
			switch a := s.Action.(type) {
			case *program.Task:
				visit(a)
			case *program.Subworkflow:
				everyTask(a.Program, visit)
			}
			for _, inner := range s.Lists() {
				list(inner)
			}
			list(s.OnFailure)
			list(s.Undo)
		}
	}
	list(p.Steps)
	list(p.OnFailure)
	list(p.Finally)
}

// A plan that is too long to read, and that would need too much memory, is refused.
func TestPlansAreBounded(t *testing.T) {
	const loops = `workflow: loops
inputs: {names: {type: list, items: {type: string}}}
steps:
  - for_each: ${{ inputs.names }}
    as: a
    limit: 9
    steps:
      - for_each: ${{ inputs.names }}
        as: b
        steps:
          - for_each: ${{ inputs.names }}
            as: c
            steps:
              - task: worklog.format
                with: {heading: "${{ a }}${{ b }}${{ c }}"}
`
	registry := tasks.Registry(task.Environment{})
	p, problems := program.Load("loops.yaml", []byte(loops), registry)
	if p == nil {
		t.Fatal(problems)
	}
	for _, read := range []bool{false, true} {
		o := plan.Options{Inputs: map[string]any{"names": slices.Repeat([]any{"a"}, 900)}, Registry: registry, Read: read}
		if _, err := plan.New(t.Context(), p, o); !errors.Is(err, plan.ErrTooLong) {
			t.Errorf("got %v, want ErrTooLong", err)
		}
	}
}
