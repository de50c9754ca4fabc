// Package hosttest is the test suite of hosts: a set of runs whose traces must be equal, byte for
// byte, on every host.
//
// A case is a document in testdata. It contains prose, a definition with the task types of stub.go
// and the definitions that it calls, inputs, the decisions of persons (one line each: STEP after
// DURATION VERDICT by NAME, perhaps with "entered by NAME"), and the expected trace and result. In
// a trace, events of parallel branches are sorted by time, and at the same time by branch. The
// implementer of a host calls Run from a test:
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

// A Setup is the environment of a host for one run. The host's clock must show time.Now() at the
// start. Each case runs in a bubble of testing/synctest, where that is the same instant in every
// run.
type Setup struct {
	T        *testing.T      // of the case
	Context  context.Context // of the test
	Registry *task.Registry
	Watch    func(engine.Event)

	// Delays says that the case has an evidence delay. A crash during a call then makes the run
	// wait longer, so that its trace is another one.
	Delays bool

	// Answer returns the decision of a person, and how long after the question it comes. ok is
	// false if it never comes.
	Answer func(engine.Question) (d engine.Decision, after time.Duration, ok bool)
}

// A Host is a host under test.
type Host struct {
	// Run runs a request until it ends, or until only a person can continue it.
	Run func(engine.Request, *program.Program) (engine.Result, error)
	// Cancel cancels the run. A task calls it.
	Cancel func()
}

// Run runs the suite. host makes a host for each case.
func Run(t *testing.T, host func(Setup) Host) {
	for _, file := range files(t) {
		t.Run(caseName(file), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := load(t, file)
				made, result := c.run(t, host)
				setPart(c.archive, "trace", made)
				setPart(c.archive, "result.json", result)
				goldenfile.Check(t, file, txtar.Format(c.archive))
			})
		})
	}
}

// files returns the documents of the cases.
func files(t *testing.T) []string {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	files, err := filepath.Glob(filepath.Join(filepath.Dir(here), "testdata", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	return files
}

func caseName(file string) string { return strings.TrimSuffix(filepath.Base(file), ".txtar") }

// A document is a case.
type document struct{ archive *txtar.Archive }

func load(t *testing.T, file string) document {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return document{txtar.Parse(data)}
}

// run carries out the case, and returns its trace and its result as JSON.
func (c document) run(t *testing.T, host func(Setup) Host) (made, result string) {
	t.Helper()
	var h Host
	registry := Registry(func() { h.Cancel() })
	loader := program.Loader{Registry: registry, Find: func(name string) (string, []byte, error) {
		if source := part(c.archive, name+".yaml"); source != nil {
			return name + ".yaml", source, nil
		}
		return "", nil, errors.New("the case has no such definition")
	}}
	p, problems := loader.Load("case.yaml", part(c.archive, "case.yaml"))
	if diag.HasErrors(problems) {
		t.Fatalf("the definition has problems: %v", problems)
	}
	raw := part(c.archive, "inputs.json")
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
	h = host(Setup{
		T: t, Context: t.Context(), Registry: registry, Watch: watch, Answer: answers(t, part(c.archive, "decisions")),
		Delays: strings.Contains(string(part(c.archive, "case.yaml")), "delay:"),
	})
	r, err := h.Run(engine.Request{Run: "testrun000000000", Request: "100-291", URL: "https://errand.example.com/runs/testrun000000000", Inputs: inputs.(map[string]any)}, p)
	if err != nil {
		t.Fatalf("the host returned an error: %v", err)
	}
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return trace(events, start), string(data) + "\n"
}

// trace writes events in order. Events of parallel branches have no other order than time, and at
// the same time the branch.
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

// answers parses the decisions of a case.
func answers(t *testing.T, lines []byte) func(engine.Question) (engine.Decision, time.Duration, bool) {
	type answer struct {
		decision engine.Decision
		after    time.Duration
	}
	all := map[string]answer{}
	for line := range strings.Lines(string(lines)) {
		words := strings.Fields(line)
		if n := len(words); n != 6 && n != 9 || words[1] != "after" || words[4] != "by" || n == 9 && (words[6] != "entered" || words[7] != "by") {
			t.Fatalf("expected a decision STEP after DURATION VERDICT by NAME [entered by NAME], not %q", line)
		}
		by := engine.Person{Name: words[5]}
		if len(words) == 9 {
			by.EnteredBy = words[8]
		}
		after, err := time.ParseDuration(words[2])
		if err != nil {
			t.Fatal(err)
		}
		all[words[0]] = answer{engine.Decision{Verdict: engine.Verdict(words[3]), By: by}, after}
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
