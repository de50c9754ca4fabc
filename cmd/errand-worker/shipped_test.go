package main_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"errand/engine"
	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/golden"
	"errand/engine/library"
	"errand/engine/program"
	"errand/engine/task"
	"errand/engine/temporal/temporaltest"
	"errand/tasks"
	"errand/tasks/sandbox"
)

// The golden cases of the shipped workflows and of the examples have the same effects, notes, results
// and events on a Temporal server as on this machine, and those that the case expects.
func TestGoldenCasesOnTemporal(t *testing.T) {
	temporaltest.Need(t)
	var all []*comparison
	left, named := 0, 0
	for i, file := range goldenCases(t) {
		name := filepath.Base(filepath.Dir(file)) + "/" + strings.TrimSuffix(filepath.Base(file), golden.Ending)
		c, expected, why := goldenCourse(t, file, fmt.Sprintf("goldenrun%06da", i))
		if leftOut[name] != "" {
			why = leftOut[name]
			named++
		}
		if why != "" {
			t.Logf("%s is left out: %s", name, why)
			left++
			continue
		}
		all = append(all, &comparison{name: name, course: c, expected: expected})
	}
	if named != len(leftOut) {
		t.Errorf("%d cases are named to be left out, and %d of them exist", len(leftOut), named)
	}
	if left != areLeftOut || len(all) < areCompared {
		t.Errorf("%d cases are compared and %d are left out; expected at least %d, and %d", len(all), left, areCompared, areLeftOut)
	}
	compare(t, openLanes(t, workers), all)
	t.Logf("%d cases are compared, and %d are left out", len(all), left)
}

// How many cases are compared at least, and how many are left out: those with mocks, and those of leftOut.
const areCompared, areLeftOut = 298, 12 + 6

// leftOut are cases that are not compared, with the reason. Cases with mocks are left out too.
var leftOut = map[string]string{
	"nightly-stop/stop-refused":       "one of two branches is refused: the one that comes first",
	"restart-fleet/restart-uncertain": "the answer of one of two branches is lost: of the one that comes first",
	"restart-fleet/one-fails":         "a branch that fails cancels the other one before that acts, or after it",
	"provision-with-undo/ism-down":    "what one branch finds depends on how long the retries of another one take",
	"provision-with-undo/never-runs":  "a poll of the engine lasts ten minutes",
	"stop-tagged/cancelled-in-loop":   "the wait for the evening goes by the clock of the machine, and a person cancels after it",
}

func goldenCases(t *testing.T) []string {
	t.Helper()
	shipped, err := filepath.Glob("../../testdata/golden/*/*" + golden.Ending)
	if err != nil {
		t.Fatal(err)
	}
	examples, err := filepath.Glob("../../examples/workflows/*/*" + golden.Ending)
	if err != nil {
		t.Fatal(err)
	}
	return append(shipped, examples...)
}

// withMocks is why cases with mocks are left out.
const withMocks = "mocks answer in the place of the sandbox"

// goldenCourse returns the course of a case, and what is expected of it. why says why the case is left
// out.
func goldenCourse(t *testing.T, file, run string) (c *course, expected, why string) {
	t.Helper()
	document, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	of, err := golden.Parse(file, document)
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string][]byte{}
	for _, f := range txtar.Parse(document).Files {
		parts[f.Name] = f.Data
	}
	if parts["mocks.yaml"] != nil {
		return nil, "", withMocks
	}
	c = &course{run: run, request: of.Request, url: of.URL, world: worldOf(t, parts["world.yaml"]), start: of.Start}
	c.refuses = strings.Contains(string(c.world), `"refuse"`)
	if of.Cancel != nil {
		c.cancel = time.Duration(of.Cancel.After)
	}
	c.decisions = map[string][]decision{}
	for step, d := range of.Decisions {
		for _, d := range append([]golden.Decision{d}, d.Then...) {
			c.decisions[step] = append(c.decisions[step], decision{
				Decision: engine.Decision{Verdict: d.Verdict, By: engine.Person{Name: d.By, EnteredBy: d.Entered}, Comment: d.Comment}, after: time.Duration(d.After),
			})
		}
	}
	found, err := library.Library{Folder: "../../examples/workflows"}.Find(of.Workflow, filepath.Dir(file), filepath.Dir(filepath.Dir(file)))
	if err != nil {
		t.Fatal(err)
	}
	source := found.Text
	if len(c.decisions) == 0 && c.cancel == 0 { // nobody decides
		source = within.ReplaceAll(source, []byte("within: 1s"))
		c.expires = bytes.Contains(source, []byte("within: 1s"))
	}
	c.load(t, found.File, source, of.Inputs)
	return c, expectedAfterwards(string(parts["afterwards"])), ""
}

// within is how long an approval waits.
var within = regexp.MustCompile(`within: \w+`)

// load compiles the definition of the course, and converts its inputs.
func (c *course) load(t *testing.T, file string, source []byte, inputs map[string]json.RawMessage) {
	t.Helper()
	loader := program.Loader{Registry: tasks.Registry(task.Environment{}), Find: library.Library{}.Beside(file)}
	p, problems := loader.Load(filepath.Base(file), source)
	if diag.HasErrors(problems) {
		t.Fatal(problems)
	}
	raw, err := json.Marshal(inputs)
	if err != nil || inputs == nil {
		raw = []byte("{}")
	}
	values, err := p.Inputs.Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	c.program, c.inputs = p, values.(map[string]any)
}

// worldOf returns a world as JSON; the default one if there is none.
func worldOf(t *testing.T, text []byte) []byte {
	t.Helper()
	if text == nil {
		return sandbox.DefaultWorld()
	}
	world, problems := definition.Data("world.yaml", text)
	if diag.HasErrors(problems) {
		t.Fatal(problems)
	}
	return world
}

// afterwards returns what the part "afterwards" of a case has, without how long the run took.
func afterwards(o outcome, run string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "run %s\n", o.view.Status)
	if f := o.view.Failure; f != nil {
		fmt.Fprintf(&b, "failure at %s: %s: %s\n", f.Step, f.Code, f.Message)
	}
	outputs := []string{}
	for name, value := range o.view.Outputs {
		text, _ := json.Marshal(engine.Values{"": value})
		outputs = append(outputs, fmt.Sprintf("output %s: %s\n", name, strings.TrimSuffix(strings.TrimPrefix(string(text), `{"":`), "}")))
	}
	slices.Sort(outputs)
	b.WriteString(strings.Join(outputs, "") + o.state.Describe())
	return plainer(strings.ReplaceAll(b.String(), run, golden.RunID))
}

var took = regexp.MustCompile(`^(run \w+) after .*`)

func expectedAfterwards(text string) string { return plainer(took.ReplaceAllString(text, "$1")) }

// plainer returns a text without times, and in which a connection that breaks is called the same
// whether or not there is a socket.
func plainer(text string) string {
	return timeless(strings.ReplaceAll(cmp.Or(text, "nothing"), "unexpected EOF", "EOF"))
}
