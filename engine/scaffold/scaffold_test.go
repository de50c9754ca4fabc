package scaffold_test

import (
	"strings"
	"testing"

	"errand/engine/goldenfile"
	"errand/engine/program"
	"errand/engine/scaffold"
	"errand/engine/task"
	"errand/tasks"
)

// The first workflow of every task type has no problems, not even a warning.
func TestFirstWorkflows(t *testing.T) {
	registry := tasks.Registry(task.Environment{})
	made := 0
	for _, connector := range registry.Connectors() {
		for _, of := range scaffold.Types(registry, connector.Name) {
			made++
			name := strings.NewReplacer(".", "-", "_", "-").Replace(of.Name)
			text := scaffold.Definition(registry, name, of)
			if _, problems := program.Load(name+".yaml", text, registry); len(problems) > 0 {
				t.Errorf("%s: %v\n%s", of.Name, problems, text)
			}
			if of.Name == "ec2.create_instance" || of.Name == "ism.close_service_request" {
				goldenfile.Check(t, "testdata/"+name+".yaml", text)
			}
		}
	}
	if made < 13 {
		t.Errorf("only %d task types", made)
	}
}

// If the registry has neither worklogs nor requests, the workflow has no such steps.
func TestWithoutAServiceDesk(t *testing.T) {
	type in struct {
		List []string `json:"list" title:"List" required:"true" doc:"Some."`
		Note string   `json:"note" title:"Note" doc:"Left out."`
	}
	type out struct {
		Count int `json:"count" title:"Count" doc:"How many."`
	}
	own := task.Define[in, out]("own.note", "Notes: a thing # of ours.", task.Keyed, nil)
	registry := task.NewRegistry(task.Connector{Name: "own", Title: "Own", Types: []task.Type{own}})
	text := scaffold.Definition(registry, "first", own)
	if _, problems := program.Load("first.yaml", text, registry); len(problems) > 0 {
		t.Errorf("%v\n%s", problems, text)
	}
	goldenfile.Check(t, "testdata/own.yaml", text)
	goldenfile.Check(t, "testdata/own.mocks.yaml", scaffold.Succeeds.Mocks(registry, own))
}

// Of several parameters of which one must be given, the first is an input, and an example of the
// type's own is used.
func TestRulesAreKept(t *testing.T) {
	type in struct {
		Image    string `json:"image" title:"Image" doc:"An image." example:"ami-1"`
		Template string `json:"template" title:"Template" doc:"A template."`
	}
	own := task.Define[in, struct{}]("own.make", "Makes a thing.", task.Keyed, nil).WithRules(task.AnyOf("there is nothing to make", "image", "template"))
	registry := task.NewRegistry(task.Connector{Name: "own", Title: "Own", Types: []task.Type{own}})
	text := scaffold.Definition(registry, "first", own)
	if _, problems := program.Load("first.yaml", text, registry); len(problems) > 0 {
		t.Errorf("%v\n%s", problems, text)
	}
	inputs := scaffold.Inputs(own)
	if len(inputs) != 1 || inputs[0].Name != "image" || string(scaffold.ExampleOf(inputs[0])) != `"ami-1"` {
		t.Errorf("the inputs are %+v", inputs)
	}
}
