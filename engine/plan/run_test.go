package plan_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"errand/engine"
	"errand/engine/golden"
	"errand/engine/library"
	"errand/engine/plan"
	"errand/engine/task"
	"errand/tasks"
)

// A call is a task that a run started, or that a plan contains.
type call struct {
	step, task, input string
	perhaps           bool // it depends on how the run ends
}

// started matches a line of a trace that says that a task was started.
var started = regexp.MustCompile(`(?m)^(\S+): (\w+\.\w+) (\{.*\})$`)

// item matches the number of an item in the key of a step. If the items are not known before the
// run, the plan has one step for all of them.
var item = regexp.MustCompile(`\[\d+\]`)

// Every golden run that succeeded made the calls of its plan, in the same order. If the plan knows
// the whole input of a call, the input has the same bytes. If conditions were unknown before the
// run, the run made no calls that are not in the plan.
func TestRunsFollowTheirPlans(t *testing.T) {
	var files []string
	for _, pattern := range []string{"../../testdata/golden/*/*.txtar", "../../examples/workflows/*/*.txtar"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		files = append(files, found...)
	}
	bench := golden.Bench{Connectors: tasks.Connectors, Library: workflows}
	var exactly, atMost, bytes int
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file))+"/"+filepath.Base(file), func(t *testing.T) {
			document, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c, err := golden.Parse(file, document)
			if err != nil {
				t.Fatal(err)
			}
			outcome, err := bench.Run(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if outcome.Result.Status != engine.Succeeded {
				return
			}
			var ran []call
			for _, m := range started.FindAllStringSubmatch(outcome.Trace, -1) {
				ran = append(ran, call{step: m[1], task: m[2], input: m[3]})
			}
			registry := tasks.Registry(task.Environment{})
			p := load(t, registry, c.Workflow, nil)
			made := makePlan(t, p, plan.Options{Request: c.Request, Inputs: inputs(t, p, c.Inputs), Registry: registry})
			e := &expected{place: map[string]int{}}
			e.list(made.Steps, true)
			e.finally(made.Finally)
			bytes += e.compare(t, ran)
			if e.open {
				atMost++
				return
			}
			exactly++
			for _, planned := range e.calls {
				if !planned.perhaps && !slices.ContainsFunc(ran, func(c call) bool { return c.step == planned.step }) {
					t.Errorf("%s is in the plan but did not run", planned.step)
				}
			}
		})
	}
	t.Logf("%d runs were compared in full, %d in part, and %d inputs byte for byte", exactly, atMost, bytes)
	if exactly < 15 || atMost < 4 || bytes < 60 {
		t.Error("too few runs were compared")
	}
}

// workflows finds the shipped workflows and the examples.
var workflows = library.Library{Folder: "../../examples/workflows"}

// An expected is what a plan says about a run that succeeds.
type expected struct {
	calls  []call // the input is "" if a part is not known
	place  map[string]int
	orders [][2]string // pairs of steps; the first runs before the second
	open   bool        // it depends on conditions that are not known
}

// list adds the steps of a list, which run in order or in parallel.
func (e *expected) list(steps []plan.Step, inOrder bool) (keys []string) {
	for _, s := range steps {
		var own []string
		if s.Skipped != "" {
			continue
		}
		if s.If != "" || s.Approval != nil {
			e.open = true
		}
		if strings.Contains(s.Task, ".") {
			c := call{step: s.ID, task: s.Task}
			if len(s.Unknown) == 0 {
				c.input = string(s.Input)
			}
			e.calls = append(e.calls, c)
			own = []string{s.ID}
		}
		var before []string
		for _, g := range s.Groups {
			if g.If != "" || g.Kind == "items" {
				e.open = true
			}
			if g.Kind == "on_failure" {
				continue
			}
			within := e.list(g.Steps, true)
			if s.Task == "for_each" && s.Limit <= 1 {
				e.after(before, within)
			}
			before, own = within, append(own, within...)
		}
		if inOrder {
			e.after(keys, own)
		}
		keys = append(keys, own...)
	}
	return keys
}

// finally adds the steps of finally. Their conditions say how the run must have ended.
func (e *expected) finally(steps []plan.Step) {
	open, main := e.open, len(e.calls)
	e.list(steps, true)
	for i := main; i < len(e.calls); i++ {
		e.calls[i].perhaps = e.open && !open
	}
	e.open = open
}

func (e *expected) after(first, then []string) {
	for _, a := range first {
		for _, b := range then {
			e.orders = append(e.orders, [2]string{a, b})
		}
	}
}

// compare returns the number of inputs that are equal byte for byte.
func (e *expected) compare(t *testing.T, ran []call) (same int) {
	t.Helper()
	for i, c := range ran {
		if _, twice := e.place[c.step]; twice {
			t.Errorf("%s was started twice", c.step)
		}
		e.place[c.step] = i
		at := slices.IndexFunc(e.calls, func(p call) bool { return p.step == c.step || p.step == item.ReplaceAllString(c.step, "[…]") })
		switch {
		case at < 0:
			t.Errorf("%s ran but is not in the plan", c.step)
		case e.calls[at].task != c.task:
			t.Errorf("%s ran %s, but the plan has %s", c.step, c.task, e.calls[at].task)
		case e.calls[at].input == c.input:
			same++
		case e.calls[at].input != "":
			t.Errorf("%s had the input\n%s\nbut the plan has\n%s", c.step, c.input, e.calls[at].input)
		}
	}
	for _, order := range e.orders {
		first, ran := e.place[order[0]]
		then, also := e.place[order[1]]
		if ran && also && first > then {
			t.Errorf("%s ran before %s, but the plan has the opposite order", order[1], order[0])
		}
	}
	return same
}

// A value that is known without an input is the same with it: the plan invents nothing for a
// missing input.
func TestMissingInputsChangeNoKnownValue(t *testing.T) {
	registry := tasks.Registry(task.Environment{})
	full := map[string]map[string]json.RawMessage{
		"provision-instance":  {"ami_id": raw("ami-0a1b2c3d4e5f60000"), "instance_name": raw("a"), "settle": raw("5m")},
		"provision-with-undo": {"ami_id": raw("ami-0a1b2c3d4e5f60000"), "instance_name": raw("a")},
		"restart-fleet":       {"instance_ids": json.RawMessage(`["i-0a1b2c3d4e5f60001"]`), "approvers_comment": raw("none")},
		"terminate-instance":  {"instance_id": raw("i-0a1b2c3d4e5f60001")},
		"nightly-stop":        {"instance_ids": json.RawMessage(`[]`)},
	}
	compared := 0
	for name, all := range full {
		p := load(t, registry, name, nil)
		stepsOf := func(request string, given map[string]json.RawMessage) map[string]plan.Step {
			made := makePlan(t, p, plan.Options{Request: request, Inputs: inputs(t, p, given), Registry: registry})
			steps := map[string]plan.Step{}
			var list func([]plan.Step)
			list = func(all []plan.Step) {
				for _, s := range all {
					steps[s.ID] = s
					for _, g := range s.Groups {
						list(g.Steps)
					}
					list(s.OnFailure)
					list(s.Undo)
				}
			}
			list(made.Steps)
			list(made.OnFailure)
			return steps
		}
		whole := stepsOf("100-291", all)
		for left := range all {
			less := map[string]json.RawMessage{}
			for n, v := range all {
				if f, _ := p.Inputs.Field(n); n != left || !f.Required {
					less[n] = v
				}
			}
			for _, request := range []string{"", "100-291"} {
				for id, s := range stepsOf(request, less) {
					if w, ok := whole[id]; ok && len(s.Unknown) == 0 && len(s.Input) > 0 {
						compared++
						if string(w.Input) != string(s.Input) || len(w.Unknown) > 0 {
							t.Errorf("%s without %s: the input of %s is %s, but with it %s", name, left, id, s.Input, w.Input)
						}
					}
				}
			}
		}
	}
	if t.Logf("%d inputs were compared", compared); compared < 20 {
		t.Error("too few inputs were compared")
	}
}

func raw(text string) json.RawMessage {
	data, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return data
}

// A plan without Read looks for no credential and makes no request.
func TestNothingIsCalled(t *testing.T) {
	n := &nothing{t: t}
	registry := tasks.Registry(task.Environment{Credentials: n, Transport: n})
	for name, given := range map[string]map[string]json.RawMessage{
		"start-instance":     {"instance_id": raw("i-0a1b2c3d4e5f60001")},
		"provision-instance": {"ami_id": raw("ami-0a1b2c3d4e5f60000"), "instance_name": raw("a")},
		"nightly-stop":       {"instance_ids": json.RawMessage(`["i-0a1b2c3d4e5f60001"]`)},
	} {
		p := load(t, registry, name, nil)
		made := makePlan(t, p, plan.Options{Request: "100-291", Inputs: inputs(t, p, given), Registry: registry})
		if made.Text() == "" || len(made.Needs) == 0 {
			t.Errorf("%s has no plan", name)
		}
		if name != "nightly-stop" {
			continue
		}
		n.expected = true // with Read the guard must notice a request, which shows that it works
		makePlan(t, p, plan.Options{Request: "100-291", Inputs: inputs(t, p, given), Registry: registry, Read: true})
		if n.found == 0 {
			t.Error("the guard did not notice that a plan with Read looks for a credential")
		}
	}
}

// nothing is a guard: it fails the test for every request until requests are expected.
type nothing struct {
	t        *testing.T
	expected bool
	found    int
}

func (n *nothing) Find(_ context.Context, connector, name string) (task.Values, error) {
	n.found++
	if !n.expected {
		n.t.Errorf("the credential %s of %s was looked for", name, connector)
	}
	return nil, &task.Failure{Code: task.CodeCredential, Message: "there is none"}
}

func (n *nothing) RoundTrip(r *http.Request) (*http.Response, error) {
	n.t.Errorf("a request went to %s", r.URL)
	return nil, http.ErrServerClosed
}
