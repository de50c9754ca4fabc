package runnertest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"errand/engine"
	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/generator"
	"errand/engine/program"
	"errand/engine/sample"
)

// RunGenerated carries out random definitions over the whole language twice: once undisturbed, and
// once with up to three steps that fail at their first call, each followed by a retry. Afterwards
// both runs have done the same, each thing once. Only what was undone is done again, with another
// key.
func RunGenerated(t *testing.T, runners func(Setup) Runners) {
	seeds := sample.Size(100, 250, 1000)
	var total disturbance
	for seed := range uint64(seeds) {
		calm := carryOut(t, runners, seed, nil)
		if calm.view.Status != engine.Succeeded || calm.gotOverAFailure() || len(calm.targets()) == 0 {
			continue
		}
		wild := carryOut(t, runners, seed, calm)
		total.add(wild.disturbance)
		if wild.handled {
			continue
		}
		if problem := wild.compare(calm); problem != "" {
			t.Fatalf("seed %d: %s\n%s\n%s", seed, problem, strings.Join(wild.log, "\n"), wild.definition.Sources())
		}
	}
	t.Logf("%d definitions: %+v", seeds, total)
	if total.failed < seeds/4 || total.undone == 0 || total.accepted == 0 || total.inside < seeds/40 {
		t.Errorf("too little was disturbed: %+v", total)
	}
}

// gotOverAFailure reports whether a step failed, such as a `fail`. What stood beside it may have been
// cancelled before or after it acted, so another run need not be the same.
func (o *generatedRun) gotOverAFailure() bool {
	return slices.ContainsFunc(o.view.Steps, func(s engine.StepResult) bool { return s.Status == engine.StepFailed })
}

// A disturbance counts what happened to a run.
type disturbance struct{ failed, inside, undone, accepted int }

func (d *disturbance) add(e disturbance) {
	d.failed += e.failed
	d.inside += e.inside
	d.undone += e.undone
	d.accepted += e.accepted
}

// A generatedRun is a run of a generated definition.
type generatedRun struct {
	*world
	disturbance
	definition *generator.Definition
	program    *program.Program
	view       engine.View
	handled    bool // a failure did not end the run, so that its way was another one
	undone     map[string]bool
	log        []string
}

// carryOut carries out the definition of a seed. Unless calm is nil, steps that acted there fail.
func carryOut(t *testing.T, runners func(Setup) Runners, seed uint64, calm *generatedRun) *generatedRun {
	o := &generatedRun{world: newWorld(), undone: map[string]bool{}}
	synctest.Test(t, func(t *testing.T) {
		d := rand.New(rand.NewPCG(seed, 14))
		o.definition = o.language("1s", "1m").Write(d)
		loader := program.Loader{Registry: o.registry, Find: o.definition.Find}
		p, problems := loader.Load("random.yaml", []byte(o.definition.Source()))
		if diag.HasErrors(problems) {
			t.Fatalf("the definition has problems: %v\n%s", problems, o.definition.Sources())
		}
		inputs, err := p.Inputs.Canonical(o.definition.Values(d))
		if err != nil {
			t.Fatal(err)
		}
		o.program = p
		b := &bench{T: t, ctx: t.Context(), Runners: runners(Setup{T: t, Registry: o.registry})}
		b.first = b.Open("the first process")
		order := engine.Order{Run: run, Request: "100-291", Inputs: inputs.(map[string]any), Program: p}
		if seed%2 == 0 {
			order.URL = engine.RunURL("https://errand.example.com", run)
		}
		o.rounds(b, order, d, calm)
	})
	return o
}

// rounds carries a run out, and retries it as long as it fails.
func (o *generatedRun) rounds(b *bench, order engine.Order, d *rand.Rand, calm *generatedRun) {
	receipt, err := b.first.Accept(b.ctx, order)
	b.must(err)
	for round := 0; ; round++ {
		fails := ""
		if calm != nil && round < 3 {
			targets := calm.targets()
			fails = targets[d.IntN(len(targets))]
		}
		o.disturb(fails)
		o.view = o.toEnd(b, receipt.Run)
		hit := o.hit()
		o.log = append(o.log, fmt.Sprintf("-- %s fails (%v): the run %s %v", fails, hit, o.view.Status, o.view.Failure))
		if calm == nil || !hit && round >= 3 {
			return
		}
		if hit && (o.view.Status != engine.Failed || o.view.Failure.Step != fails) {
			o.handled = true
			return
		}
		if o.view.Status != engine.Failed { // the step was done already
			return
		}
		o.noteFailure(b, fails)
		if err := b.Open("a person").Retry(b.ctx, run, engine.Retry{By: engine.Person{Name: "Kim"}}); err != nil {
			b.Fatalf("the retry after %s: %v\n%s\n%s", fails, err, strings.Join(o.log, "\n"), o.definition.Sources())
		}
	}
}

// noteFailure keeps what was undone when the run failed.
func (o *generatedRun) noteFailure(b *bench, fails string) {
	o.failed++
	if !slices.ContainsFunc(o.program.Steps, func(s *program.Step) bool { return s.Key == fails }) {
		o.inside++
	}
	for _, s := range o.view.Steps {
		if s.ID == fails && s.Accepted {
			o.accepted++
		}
	}
	events, err := b.first.Events(b.ctx, run, engine.EventID{})
	b.must(err)
	o.disturbance.undone -= len(o.undone)
	for _, e := range events {
		if e.Kind == engine.EventHandlerBegins && e.Handler == engine.HandlerUndo {
			o.undone[e.Step] = true
		}
		o.log = append(o.log, fmt.Sprintf("%s %s %s", e.ID, e.Branch, e))
	}
	o.disturbance.undone += len(o.undone)
}

// toEnd follows a run to its end. Kim approves whatever is asked.
func (o *generatedRun) toEnd(b *bench, id string) engine.View {
	for {
		v, err := b.first.Follow(b.ctx, id, engine.Following{})
		b.must(err)
		if !v.Ended.IsZero() {
			return v
		}
		read, err := b.first.Read(b.ctx, id)
		b.must(err)
		if len(read.Questions) == 0 {
			b.Fatalf("the run is %s and asks nothing: %v, %v\n%s", read.Status, read.Waits, read.Trouble, o.definition.Sources())
		}
		q := read.Questions[0]
		verdict := engine.VerdictApprove
		if q.Failure != nil {
			verdict = engine.VerdictDone
		}
		err = b.first.Decide(b.ctx, id, q.Step, engine.Decision{Verdict: verdict, By: engine.Person{Name: "Kim", Groups: q.By}})
		// A wait may end in the instant in which a time-out beside it ends the question; following the run
		// again takes that up.
		if refused, ok := errors.AsType[*engine.Refusal](err); !ok || refused.Code != engine.RefusedLate {
			b.must(err)
		}
	}
}

// targets returns the main steps that acted or read, in the order of their first calls.
func (o *generatedRun) targets() []string {
	handler := handlerSteps(o.program)
	var steps []string
	for _, step := range o.steps() {
		if !handler(step) {
			steps = append(steps, step)
		}
	}
	return steps
}

// handlerSteps returns a function that reports whether the step with a key belongs to a handler or
// an undo.
func handlerSteps(p *program.Program) func(step string) bool {
	ending := engine.EndingSteps(p)
	var patterns []program.Key
	for s := range p.AllPlaces() {
		if slices.ContainsFunc(s.Around, func(around program.Parent) bool { return around.List == definition.InOnFailure }) {
			patterns = append(patterns, s.Key)
		}
	}
	return func(step string) bool {
		return ending(step) || slices.ContainsFunc(patterns, func(p program.Key) bool { return p.Matches(program.Key(step)) })
	}
}

// compare returns how what a disturbed run did differs from what the undisturbed one did, or "".
func (o *generatedRun) compare(calm *generatedRun) string {
	if o.view.Status != engine.Succeeded {
		return fmt.Sprintf("the run %s: %v", o.view.Status, o.view.Failure)
	}
	handler := handlerSteps(o.program)
	wanted := map[string]string{}
	for _, e := range calm.effects {
		wanted[e.call.Step] = Timeless(string(e.call.Input))
	}
	keys := map[string][]string{}
	for _, e := range o.effects {
		step := e.call.Step
		if handler(step) {
			continue
		}
		got := Timeless(string(e.call.Input))
		if got != wanted[step] {
			return fmt.Sprintf("step %s did %s, and undisturbed %s", step, got, wanted[step])
		}
		if len(keys[step]) > 0 && !o.undone[step] {
			return fmt.Sprintf("step %s acted again, and it was not undone", step)
		}
		if slices.Contains(keys[step], e.call.Key()) {
			return fmt.Sprintf("step %s acted again with the same key", step)
		}
		keys[step] = append(keys[step], e.call.Key())
	}
	for step := range wanted {
		if !handler(step) && len(keys[step]) == 0 {
			return fmt.Sprintf("step %s did nothing", step)
		}
	}
	return ""
}
