package graph_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"errand/definitions"
	"errand/engine/diag"
	"errand/engine/goldenfile"
	"errand/engine/graph"
	"errand/engine/program"
	"errand/engine/task"
	"errand/tasks"
)

// Every definition in testdata and every shipped definition is rendered in every format.
func TestGolden(t *testing.T) {
	endings := map[string]string{"mermaid": ".mmd", "dot": ".dot", "svg": ".svg"}
	for _, file := range definitionsOf(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file.name), ".yaml"), func(t *testing.T) {
			g := graph.New(load(t, file.name, file.text))
			for _, f := range graph.Formats {
				goldenfile.Check(t, filepath.Join("testdata", t.Name()[len("TestGolden/"):]+endings[f.Name]), f.Render(g))
			}
		})
	}
}

type file struct {
	name string
	text []byte
}

func definitionsOf(t *testing.T) (all []file) {
	t.Helper()
	for _, dir := range []fs.FS{os.DirFS("testdata"), definitions.Files} {
		names, err := fs.Glob(dir, "*.yaml")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(dir, name)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, file{name, text})
		}
	}
	if len(all) < 15 {
		t.Fatalf("only %d definitions were found", len(all))
	}
	return all
}

var registry = task.NewRegistry(tasks.Connectors(task.Environment{})...)

func load(t testing.TB, name string, text []byte) *program.Program {
	t.Helper()
	loader := program.Loader{Registry: registry, Find: func(name string) (string, []byte, error) {
		text, err := definitions.Files.ReadFile(name + ".yaml")
		return name + ".yaml", text, err
	}}
	p, problems := loader.Load(name, text)
	if diag.HasErrors(problems) {
		var b strings.Builder
		_ = diag.Render(&b, problems, func(string) []byte { return text }, diag.Style{})
		t.Fatal(b.String())
	}
	if p == nil {
		t.Fatal(fmt.Sprint(problems))
	}
	return p
}

func ExampleNew() {
	source := []byte("workflow: wait\ntitle: Wait\nsteps: [{name: Wait a little, task: timer.delay, with: {duration: 1m}}]\n")
	p, _ := program.Load("wait.yaml", source, registry)
	fmt.Print(string(graph.New(p).Mermaid()))
	// Output:
	// ---
	// title: "Wait"
	// config:
	//   flowchart:
	//     wrappingWidth: 320
	//     subGraphTitleMargin: {top: 4, bottom: 18}
	// ---
	// flowchart TB
	//   start(["start"])
	//   step_steps_0["Wait a little<br/><small>timer.delay</small><br/><small>waits 1m</small>"]
	//   finish(["end"])
	//
	//   start --> step_steps_0
	//   step_steps_0 --> finish
}
