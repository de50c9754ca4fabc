// Package hosttest is what every host must pass: one suite of runs, whose traces are the same byte for byte on all of them.
//
// A case is a document in testdata: prose, a definition over the task types of stub.go, and the trace and the result that are
// expected. The implementer of a host calls Run from a test:
//
//	func TestHost(t *testing.T) { hosttest.Run(t, func(s hosttest.Setup) hosttest.Host { … }) }
package hosttest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/tools/txtar"

	"errand/engine"
	"errand/engine/goldenfile"
	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
)

// A Setup is what a host for one run is made of. Its clock must show time.Now() at the start: each case runs in a bubble of
// testing/synctest, where that is the same instant in every run.
type Setup struct {
	Context  context.Context // of the test
	Registry *task.Registry
	Watch    func(engine.Event)
}

// A Host is a host under test.
type Host struct {
	// Run carries a request out until its end, or until a person must decide.
	Run func(engine.Request, *program.Program) (engine.Result, error)
	// Cancel cancels the run. It is called while a task is.
	Cancel func()
}

// Run runs the suite against the hosts that a function makes.
func Run(t *testing.T, host func(Setup) Host) {
	_, here, _, _ := runtime.Caller(0)
	files, err := filepath.Glob(filepath.Join(filepath.Dir(here), "testdata", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { runCase(t, file, host) })
		})
	}
}

func runCase(t *testing.T, file string, host func(Setup) Host) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	archive := txtar.Parse(data)
	var h Host
	registry := Registry(func() { h.Cancel() })
	p, problems := program.Load("case.yaml", part(archive, "case.yaml"), registry)
	if len(problems) > 0 {
		t.Fatalf("the definition has problems: %v", problems)
	}
	raw := part(archive, "inputs.json")
	if raw == nil {
		raw = []byte("{}")
	}
	inputs, err := p.Inputs.Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	var trace strings.Builder
	start := time.Now()
	watch := func(e engine.Event) {
		fmt.Fprintf(&trace, "+%s %s\n", schema.FormatDuration(e.At.Sub(start)), e)
	}
	h = host(Setup{Context: t.Context(), Registry: registry, Watch: watch})
	result, err := h.Run(engine.Request{Run: "testrun000000000", Request: "100-291", Inputs: inputs.(map[string]any)}, p)
	if err != nil {
		t.Fatalf("the host gave up: %v", err)
	}
	made, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	setPart(archive, "trace", trace.String())
	setPart(archive, "result.json", string(made)+"\n")
	goldenfile.Check(t, file, txtar.Format(archive))
}

func part(a *txtar.Archive, name string) []byte {
	for _, f := range a.Files {
		if f.Name == name {
			return f.Data
		}
	}
	return nil
}

func setPart(a *txtar.Archive, name, data string) {
	for i := range a.Files {
		if a.Files[i].Name == name {
			a.Files[i].Data = []byte(data)
			return
		}
	}
	a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(data)})
}
