// Package hosttest is what every host must pass: one suite of runs, whose traces are the same byte for byte on all of them.
//
// A case is a document in testdata: prose, a definition over the task types of stub.go with those that it calls, inputs, what persons
// decide (a line each: STEP after DURATION VERDICT by NAME), and the trace and the result that are expected. What happens side by side
// is told by time, and at one time by branch. The implementer of a host calls Run from a test:
//
//	func TestHost(t *testing.T) { hosttest.Run(t, func(s hosttest.Setup) hosttest.Host { … }) }
package hosttest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/tools/txtar"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/goldenfile"
	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
)

// A Setup is what a host for one run is made of. Its clock must show time.Now() at the start: each case runs in a bubble of
// testing/synctest, where that is the same instant in every run.
type Setup struct {
	T        *testing.T      // of the case
	Context  context.Context // of the test
	Registry *task.Registry
	Watch    func(engine.Event)

	// Answer is what a person decides, how long after having been asked; false: never.
	Answer func(engine.Question) (d engine.Decision, after time.Duration, ok bool)
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
	loader := program.Loader{Registry: registry, Find: func(name string) (string, []byte, error) {
		if source := part(archive, name+".yaml"); source != nil {
			return name + ".yaml", source, nil
		}
		return "", nil, errors.New("it is not in the case")
	}}
	p, problems := loader.Load("case.yaml", part(archive, "case.yaml"))
	if diag.HasErrors(problems) {
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
	var events []engine.Event
	start := time.Now()
	watch := func(e engine.Event) { events = append(events, e) }
	h = host(Setup{T: t, Context: t.Context(), Registry: registry, Watch: watch, Answer: answers(t, part(archive, "decisions"))})
	result, err := h.Run(engine.Request{Run: "testrun000000000", Request: "100-291", Inputs: inputs.(map[string]any)}, p)
	if err != nil {
		t.Fatalf("the host gave up: %v", err)
	}
	made, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	setPart(archive, "trace", trace(events, start))
	setPart(archive, "result.json", string(made)+"\n")
	goldenfile.Check(t, file, txtar.Format(archive))
}

// trace tells events in their order. What happened side by side is ordered by time and, at one time, by branch: it has no other order.
func trace(events []engine.Event, start time.Time) string {
	for from := 0; from < len(events); from++ {
		to := from
		for to < len(events) && events[to].Branch != "" {
			to++
		}
		slices.SortStableFunc(events[from:to], func(a, b engine.Event) int {
			return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Branch, b.Branch))
		})
		from = to
	}
	var b strings.Builder
	for _, e := range events {
		branch := ""
		if e.Branch != "" {
			branch = "[" + e.Branch + "] "
		}
		fmt.Fprintf(&b, "+%s %s%s\n", schema.FormatDuration(e.At.Sub(start)), branch, e)
	}
	return b.String()
}

// answers reads the decisions of a case.
func answers(t *testing.T, lines []byte) func(engine.Question) (engine.Decision, time.Duration, bool) {
	type answer struct {
		decision engine.Decision
		after    time.Duration
	}
	all := map[string]answer{}
	for line := range strings.Lines(string(lines)) {
		words := strings.Fields(line)
		if len(words) != 6 || words[1] != "after" || words[4] != "by" {
			t.Fatalf("a decision is STEP after DURATION VERDICT by NAME, not %q", line)
		}
		after, err := time.ParseDuration(words[2])
		if err != nil {
			t.Fatal(err)
		}
		all[words[0]] = answer{engine.Decision{Verdict: engine.Verdict(words[3]), By: engine.Person{Name: words[5]}}, after}
	}
	return func(q engine.Question) (engine.Decision, time.Duration, bool) {
		a, ok := all[q.Step]
		return a.decision, a.after, ok
	}
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
