package plan_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/golden"
	"errand/engine/goldenfile"
	"errand/engine/plan"
	"errand/engine/program"
	"errand/engine/task"
	"errand/engine/virtual"
	"errand/tasks"
	"errand/tasks/sandbox"
)

// A planCase is a document: prose, case.yaml with the workflow to plan, definitions that are not
// shipped, and the expected plan. plan.json is the plan as JSON. world.yaml replaces members of the
// sandbox's world.
type planCase struct {
	Workflow string                     `json:"workflow"`
	Request  string                     `json:"request"`
	Inputs   map[string]json.RawMessage `json:"inputs"`
	Read     bool                       `json:"read"`
	Region   string                     `json:"region"`
}

func TestPlans(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 15 {
		t.Fatalf("%d cases: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			document, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			archive := txtar.Parse(document)
			var c planCase
			read(t, archive, "case.yaml", &c)
			registry := sandboxRegistry(t, archive)
			p := load(t, registry, c.Workflow, archive)
			made := makePlan(t, p, plan.Options{
				Request: c.Request, Inputs: inputs(t, p, c.Inputs), Registry: registry, Read: c.Read, Region: c.Region, Now: golden.Start,
			})
			set(archive, "plan", made.Text(), true)
			shape, err := json.MarshalIndent(made, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			set(archive, "plan.json", unescape(shape)+"\n", false)
			goldenfile.Check(t, file, txtar.Format(archive))
		})
	}
}

// unescape undoes the escapes of json.Marshal for HTML.
func unescape(data []byte) string {
	return strings.NewReplacer(`\u003e`, ">", `\u003c`, "<", `\u0026`, "&").Replace(string(data))
}

func set(archive *txtar.Archive, name, text string, always bool) {
	for i := range archive.Files {
		if archive.Files[i].Name == name {
			archive.Files[i].Data = []byte(text)
			return
		}
	}
	if always {
		archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(text)})
	}
}

func find(archive *txtar.Archive, name string) []byte {
	for _, f := range archive.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

// read decodes a YAML file of the document.
func read(t *testing.T, archive *txtar.Archive, name string, into any) {
	t.Helper()
	data, problems := definition.Data(name, find(archive, name))
	if diag.HasErrors(problems) {
		t.Fatal(problems[0])
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// sandboxRegistry returns the registry of a sandbox, with the document's changes to its world.
func sandboxRegistry(t *testing.T, archive *txtar.Archive) *task.Registry {
	t.Helper()
	var world map[string]json.RawMessage
	if err := json.Unmarshal(sandbox.DefaultWorld(), &world); err != nil {
		t.Fatal(err)
	}
	if find(archive, "world.yaml") != nil {
		var over map[string]json.RawMessage
		read(t, archive, "world.yaml", &over)
		maps.Copy(world, over)
	}
	data, err := json.Marshal(world)
	if err != nil {
		t.Fatal(err)
	}
	box, err := sandbox.New(data, virtual.NewClock(golden.Start).Now)
	if err != nil {
		t.Fatal(err)
	}
	before := box.State().Describe()
	t.Cleanup(func() {
		if after := box.State().Describe(); after != before {
			t.Errorf("the plan changed the world:\n%s", after)
		}
	})
	return tasks.Registry(task.Environment{Credentials: sandbox.Credentials{}, Transport: box.Transport()})
}

// load finds a workflow in the document, among the shipped definitions, or in the examples.
func load(t *testing.T, registry *task.Registry, name string, archive *txtar.Archive) *program.Program {
	t.Helper()
	source := func(name string) (string, []byte, error) {
		if archive != nil {
			if text := find(archive, name+".yaml"); text != nil {
				return name + ".yaml", text, nil
			}
		}
		found, err := workflows.Find(name)
		return name + ".yaml", found.Text, err
	}
	file, text, err := source(name)
	if err != nil {
		t.Fatal(err)
	}
	p, problems := program.Loader{Registry: registry, Find: source}.Load(file, text)
	if diag.HasErrors(problems) {
		t.Fatal(problems)
	}
	return p
}

func makePlan(t *testing.T, p *program.Program, o plan.Options) *plan.Plan {
	t.Helper()
	made, err := plan.New(t.Context(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func inputs(t *testing.T, p *program.Program, raw map[string]json.RawMessage) map[string]any {
	t.Helper()
	given := map[string]any{}
	for name, data := range raw {
		field, _ := p.Inputs.Field(name)
		value, err := field.Type.Decode(data)
		if err != nil {
			t.Fatalf("input %s: %v", name, err)
		}
		given[name] = value
	}
	made, err := plan.Inputs(p, given)
	if err != nil {
		t.Fatal(err)
	}
	return made
}
