package runnertest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/generator"
	"errand/engine/program"
	"errand/engine/task"
)

// Open opens a runner, which carries runs out until it is closed. about differs between runners.
type Open func(about string, registry *task.Registry) (r engine.Runner, closes func(), err error)

// How many definitions CompareGenerated carries out at once, and how long a run may take.
const (
	atOnce   = 6
	patience = 2 * time.Minute
)

// CompareGenerated carries out random definitions in real time on two runners, until a number of them can
// be compared: what one runner did, how its runs stand and their events must be what the other one has. A
// definition is not compared if a step failed beside others: what these did before it is left to chance.
func CompareGenerated(t *testing.T, definitions int, one, other Open) {
	t.Helper()
	c := &generatedComparison{one: one, other: other, want: definitions}
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for seed, more := c.next(); more; seed, more = c.next() {
				c.compare(t.Context(), seed)
			}
		})
	}
	all.Wait()
	for _, p := range c.problems {
		t.Error(p)
	}
	t.Logf("%d definitions: %d are compared, with %d steps, %d effects and %d decisions; %d with branches", c.seed, c.compared, c.steps, c.effects, c.decisions, c.beside)
	if len(c.problems) == 0 && (c.steps < 5*definitions || c.effects < definitions || c.decisions < definitions/20 || c.beside < definitions/10) {
		t.Errorf("the definitions do too little")
	}
}

// A generatedComparison counts what was compared.
type generatedComparison struct {
	one, other Open
	want       int

	mu       sync.Mutex
	seed     uint64 // the next one
	compared int
	problems []string

	steps, effects, decisions, beside int
}

// next returns the next seed, as long as more definitions are wanted.
func (c *generatedComparison) next() (seed uint64, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seed++
	return c.seed, c.compared < c.want && len(c.problems) == 0 && c.seed < 4*uint64(c.want)
}

// A generatedOutcome is what came of a definition on one runner.
type generatedOutcome struct {
	view   engine.View
	events []engine.Event
	acts   []effect
}

// compare carries out the definition of a seed twice.
func (c *generatedComparison) compare(ctx context.Context, seed uint64) {
	w := newWorld()
	d := rand.New(rand.NewPCG(seed, 15))
	definition := w.language("20ms", "60ms").Write(d)
	values := definition.Values(d)
	a, errOne := carryOutGenerated(ctx, seed, definition, values, c.one)
	b, errOther := carryOutGenerated(ctx, seed, definition, values, c.other)
	c.mu.Lock()
	defer c.mu.Unlock()
	if errOne != nil || errOther != nil {
		c.problems = append(c.problems, fmt.Sprintf("seed %d: the runners ended with %v and %v\n%s", seed, errOne, errOther, definition.Sources()))
		return
	}
	beside := HasBranches(a.events)
	if beside && slices.ContainsFunc(a.view.Steps, func(s engine.StepResult) bool { return s.Status == engine.StepFailed }) {
		return
	}
	c.compared++
	c.steps += len(a.view.Steps)
	c.effects += len(a.acts)
	for _, s := range a.view.Steps {
		c.decisions += len(s.Decisions)
	}
	if beside {
		c.beside++
	}
	if problem := a.differs(b, beside); problem != "" {
		c.problems = append(c.problems, fmt.Sprintf("seed %d: %s\n%s", seed, problem, definition.Sources()))
	}
}

// slower makes time-outs so long that a busy machine does not exceed them.
var slower = strings.NewReplacer("timeout: 2s", "timeout: 2m", "timeout: 15s", "timeout: 15m", "timeout: 40s", "timeout: 40m")

func carryOutGenerated(ctx context.Context, seed uint64, d *generator.Definition, values map[string]any, open Open) (o generatedOutcome, err error) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	w := newWorld()
	find := func(name string) (string, []byte, error) {
		file, source, err := d.Find(name)
		return file, []byte(slower.Replace(string(source))), err
	}
	p, problems := program.Loader{Registry: w.registry, Find: find}.Load("random.yaml", []byte(slower.Replace(d.Source())))
	if diag.HasErrors(problems) {
		return o, fmt.Errorf("the definition has problems: %v", problems)
	}
	inputs, err := p.Inputs.Canonical(values)
	if err != nil {
		return o, err
	}
	id := fmt.Sprintf("randomrun%07d", seed)
	r, closes, err := open(id, w.registry)
	if err != nil {
		return o, err
	}
	defer closes()
	if _, err := r.Accept(ctx, engine.Order{Run: id, Request: id, URL: engine.RunURL("https://errand.example.com", id), Inputs: inputs.(map[string]any), Program: p}); err != nil {
		return o, err
	}
	if err := approveAll(ctx, r, id); err != nil {
		return o, err
	}
	if o.view, err = r.Read(ctx, id); err != nil {
		return o, err
	}
	o.events, err = r.Events(ctx, id, engine.EventID{})
	w.mu.Lock()
	defer w.mu.Unlock()
	o.acts = w.effects
	return o, err
}

// approveAll follows a run to its end. Kim approves whatever is asked.
func approveAll(ctx context.Context, r engine.Runner, id string) error {
	for {
		v, err := r.Follow(ctx, id, engine.Following{})
		if err != nil || !v.Ended.IsZero() {
			return err
		}
		if v, err = r.Read(ctx, id); err != nil {
			return err
		}
		if len(v.Questions) == 0 {
			return errors.Join(fmt.Errorf("the run is %s and asks nothing: %+v", v.Status, v.Waits), v.Trouble, ctx.Err())
		}
		q := v.Questions[0]
		verdict := engine.VerdictApprove
		if q.Failure != nil {
			verdict = engine.VerdictDone
		}
		err = r.Decide(ctx, id, q.Step, engine.Decision{Verdict: verdict, By: engine.Person{Name: "Kim", Groups: q.By}})
		if err != nil {
			return err
		}
	}
}

// differs says how two outcomes differ, or nothing.
func (o generatedOutcome) differs(from generatedOutcome, beside bool) string {
	a, err := Parts(o.view, o.events)
	if err != nil {
		return err.Error()
	}
	b, err := Parts(from.view, from.events)
	if err != nil {
		return err.Error()
	}
	a, b = append(a, actsPart(o.acts, beside)), append(b, actsPart(from.acts, beside))
	for i := range a {
		if a[i].Text != b[i].Text {
			return fmt.Sprintf("the %s differ:\n%s", a[i].Name, diag.Diff("one", "other", []byte(a[i].Text), []byte(b[i].Text)))
		}
	}
	return ""
}

// actsPart returns the effects, with their keys. Those of branches are sorted.
func actsPart(acts []effect, beside bool) Part {
	var lines []string
	for _, e := range acts {
		lines = append(lines, fmt.Sprintf("%s %s %s %s", e.call.Step, e.call.Type, e.call.Key(), Timeless(string(e.call.Input))))
	}
	if beside {
		slices.Sort(lines)
	}
	return Part{"effects", strings.Join(lines, "\n") + "\n"}
}
