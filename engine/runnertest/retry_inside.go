package runnertest

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/task"
)

// forms are the forms of a step that hold others. Each wraps the lines of steps, which contain the
// steps before and bad, in a step with the id of the level. The steps in a branch beside them and
// for another item have ids of their own.
var forms = map[string]func(level, steps string) string{
	"switch": func(level, steps string) string {
		return "- id: " + level + "\n  switch:\n    - if: 'true'\n      steps:\n" + indent(steps, 8)
	},
	"parallel": func(level, steps string) string {
		return "- id: " + level + "\n  parallel:\n    one:\n      - {id: " + level + "_one, task: probe.once, with: {text: one}}\n" +
			"    two:\n" + indent(steps, 6) + "    three:\n      - {id: " + level + "_three, task: stub.evident, with: {script: 'again 1s, ok'}}\n" +
			"      - {id: " + level + "_last, task: probe.once, with: {text: last}}\n"
	},
	"loop": func(level, steps string) string {
		return "- id: " + level + "\n  for_each: [1]\n  as: " + level + "_item\n  steps:\n" + indent(steps, 4)
	},
	"lanes": func(level, steps string) string {
		return "- id: " + level + "\n  for_each: [1, 2, 3]\n  as: " + level + "_item\n  limit: 2\n  steps:\n    - {id: " + level +
			"_each, task: probe.once, with: {text: each}}\n" + indent(guarded(steps, level+"_item == 2"), 4)
	},
	"handled": func(level, steps string) string { // the steps stand in for one that fails
		return "- id: " + level + "\n  switch:\n    - if: 'true'\n      steps:\n        - {id: " + level + "_fails, task: stub.evident, with: {script: refused}, on_failure: continue}\n" + indent(steps, 8)
	},
}

// guarded puts a condition on the steps of a list.
func guarded(steps, condition string) string {
	return "- switch:\n    - if: " + condition + "\n      steps:\n" + indent(steps, 8)
}

func indent(lines string, by int) string {
	var b strings.Builder
	for line := range strings.Lines(lines) {
		b.WriteString(strings.Repeat(" ", by) + line)
	}
	return b.String()
}

const innermost = "- {id: before, task: probe.once, with: {text: before}}\n- {id: bad, task: probe.evident, with: {text: bad}}\n- {id: after, task: probe.once, with: {text: after}}\n"

// nested returns a definition with the innermost steps in an inner form in an outer one.
func nested(outer, inner string) string {
	return "steps:\n  - {id: first, task: probe.once, with: {text: first}}\n" +
		indent(forms[outer]("outer", forms[inner]("inner", innermost)), 2) +
		"  - {id: end, task: probe.once, with: {text: end}}\n"
}

// called returns a definition that calls a workflow with the innermost steps in a form, and the
// workflow.
func called(outer, inner string) (source, callee string) {
	return "steps:\n  - {id: first, task: probe.once, with: {text: first}}\n" +
			indent(forms[outer]("outer", "- {id: call, workflow: callee}\n"), 2) +
			"  - {id: end, task: probe.once, with: {text: end}}\n",
		"workflow: callee\nsteps:\n" + indent(forms[inner]("inner", innermost), 2) +
			"finally:\n  - {id: tidy, task: probe.evident, with: {text: tidy}}\n"
}

// linked returns the program of a definition that may call another one, named callee.
func (b *bench) linked(source, callee string) *program.Program {
	b.Helper()
	loader := program.Loader{Registry: b.reg, Find: func(name string) (string, []byte, error) {
		return name + ".yaml", []byte(callee), nil
	}}
	p, problems := loader.Load("case.yaml", []byte("workflow: case\n"+source))
	if diag.HasErrors(problems) {
		b.Fatalf("%v\n%s\n%s", problems, source, callee)
	}
	return p
}

// failsInside starts a run, lets step bad fail, retries the run twice, the first time in vain, and
// expects that each step acted once.
func (b *bench) failsInside(p *program.Program) {
	b.Helper()
	bad := func(step string) bool { return step == "bad" || strings.HasSuffix(step, ".bad") }
	fails := true
	b.answer = func(c task.Call) error {
		if fails && bad(c.Step) {
			return refused
		}
		return nil
	}
	o := b.order("steps: [{task: stub.pure}]\n")
	o.Program = p
	v, err := b.first.Start(b.ctx, o, engine.Following{})
	if b.must(err); v.Status != engine.Failed || !bad(v.Failure.Step) {
		b.Fatalf("the run is %s, %v", v.Status, v.Failure)
	}
	for round := range 2 {
		b.rest(24 * time.Hour)
		before := b.history()
		b.must(b.retry(""))
		if after := b.history(); !slices.EqualFunc(before, after[:min(len(before), len(after))], sameEvent) {
			b.Errorf("the retry changes the events before it:\n%v\n%v", before, after)
		}
		fails = round == 0
		v, err = b.Open("another process").Follow(b.ctx, run, engine.Following{})
		b.must(err)
	}
	if v.Status != engine.Succeeded {
		b.Fatalf("after the retry the run is %s, %v", v.Status, v.Failure)
	}
	calls, keys := map[string]int{}, map[string]bool{}
	for _, c := range b.calls {
		calls[c.Step]++
		if bad(c.Step) {
			keys[c.Key()] = true
		}
	}
	for step, n := range calls {
		if ended := strings.HasSuffix(step, "tidy"); bad(step) && n != 3 || !bad(step) && !ended && n != 1 {
			b.Errorf("step %s was called %d times", step, n)
		}
	}
	if len(keys) != 3 {
		b.Errorf("the steps that failed were called with %d keys", len(keys))
	}
	b.expectHistory(3)
}

// history returns the events of the run.
func (b *bench) history() []engine.Event {
	b.Helper()
	events, err := b.first.Events(b.ctx, run, engine.EventID{})
	b.must(err)
	return events
}

func sameEvent(a, b engine.Event) bool { return reflect.DeepEqual(a, b) }

// expectHistory expects that the events and the rounds tell each of n attempts.
func (b *bench) expectHistory(n int) {
	b.Helper()
	events := b.history()
	var told []string
	var ended, retried, failed int
	for i, e := range events {
		told = append(told, fmt.Sprint(e.ID, " ", e))
		switch {
		case e.Kind == engine.EventRunEnded:
			ended++
		case e.Kind == engine.EventRunRetried:
			retried++
		case e.Kind == engine.EventStepFailed && e.Cause == "" && e.Failure.Code == refused.Code && !strings.HasSuffix(e.Step, "_fails"):
			failed++
		}
		if i > 0 && e.ID.Compare(events[i-1].ID) <= 0 {
			b.Errorf("event %s comes after %s", e.ID, events[i-1].ID)
		}
	}
	if ended != n || retried != n-1 || failed != n-1 {
		b.Errorf("the events tell %d ends, %d retries and %d failures:\n%s", ended, retried, failed, strings.Join(told, "\n"))
	}
	for _, kind := range []engine.EventKind{engine.EventStepStarted, engine.EventStepSucceeded} { // what stays is told once
		count := 0
		for _, e := range events {
			if e.Kind == kind && e.Step == "first" {
				count++
			}
		}
		if count != 1 {
			b.Errorf("the events tell %d times that the first step: %s\n%s", count, kind, strings.Join(told, "\n"))
		}
	}
	v := b.read()
	if len(v.Rounds) != n-1 {
		b.Fatalf("the run has %d rounds before the last one, want %d", len(v.Rounds), n-1)
	}
	for _, r := range v.Rounds {
		if r.Failure == nil || r.Failure.Code != refused.Code || r.Status != engine.Failed || r.By.Name != "Kim" || r.Retried.IsZero() || r.From == "" || len(r.Steps) == 0 {
			b.Errorf("a round is %+v", r)
		}
	}
}

var insideCases = slices.Concat(nestedCases(), []testCase{
	{"from an inner step, and what is refused", func(b *bench) {
		b.failsOnce("last")
		b.start(`
steps:
  - id: both
    parallel:
      left:
        - {id: l1, task: probe.evident}
        - {id: l2, task: probe.evident}
      right:
        - {id: r1, task: probe.evident}
  - {id: last, task: probe.evident}
`, engine.Failed, "both succeeded, l1 succeeded, l2 succeeded, r1 succeeded, last failed")
		for _, from := range []string{"nothing", "both.l1"} {
			r := b.expectRefusal(b.retry(from), engine.RefusedStep)
			if r.Step != from || !slices.Equal(r.Steps, []string{"both", "l1", "l2", "r1", "last"}) {
				b.Errorf("got %+v", r)
			}
		}
		b.must(b.retry("l2"))
		b.follow(engine.Succeeded, "both succeeded, l1 succeeded, l2 succeeded, r1 succeeded, last succeeded")
		if got := b.called(); len(b.calls) != 6 || !strings.HasSuffix(got, "last l2 last") {
			b.Errorf("called: %s", b.called())
		}
	}},
	{"the times of steps around", func(b *bench) {
		b.failsOnce("bad")
		b.start(`
timeout: 1h
steps:
  - id: outer
    timeout: 30m
    switch:
      - if: 'true'
        steps:
          - id: both
            timeout: 20m
            parallel:
              left: [{id: l, task: stub.evident, with: {script: "again 15m, ok"}}]
              right: [{id: w, task: stub.evident, with: {script: "again 5m, ok"}}, {id: bad, task: probe.evident}]
          - {id: more, task: stub.evident, with: {script: "again 5m, ok"}}
  - {id: last, task: probe.evident}
`, engine.Failed, "outer failed, both failed, l cancelled, w succeeded, bad failed")
		b.Pass(48 * time.Hour)
		b.must(b.retry(""))
		b.follow(engine.Succeeded, "outer succeeded, both succeeded, l succeeded, w succeeded, bad succeeded, more succeeded, last succeeded")
	}},
	{"in finally", func(b *bench) {
		b.failsOnce("tidy")
		b.start(`
steps:
  - {id: one, task: probe.once}
finally:
  - {id: note, task: probe.once}
  - {id: tidy, task: probe.evident}
`, engine.Failed, "one succeeded, note succeeded, tidy failed")
		b.must(b.retry(""))
		b.follow(engine.Succeeded, "one succeeded, note succeeded, tidy succeeded")
		if b.called() != "one note tidy tidy" {
			b.Errorf("called: %s", b.called())
		}
	}},
	{"of a run that was cancelled inside", func(b *bench) {
		b.After(time.Minute, func() { b.must(b.Open("Kim's process").Cancel(b.ctx, run, engine.Person{Name: "Kim"})) })
		b.start(`
steps:
  - id: both
    parallel:
      left: [{id: l, task: probe.once}]
      right:
        - {id: r, task: probe.once}
        - {id: w, task: stub.evident, with: {script: "again 5m, ok"}}
        - {id: s, task: probe.once}
finally:
  - {id: tidy, task: probe.evident}
`, engine.Cancelled, "both cancelled, l succeeded, r succeeded, w cancelled, tidy succeeded")
		b.must(b.retry(""))
		b.follow(engine.Succeeded, "both succeeded, l succeeded, r succeeded, w succeeded, s succeeded, tidy succeeded")
		if got := b.called(); strings.Count(got, "l") != 1 || strings.Count(got, "r") != 1 || !strings.HasSuffix(got, "tidy s tidy") {
			b.Errorf("called: %s", got)
		}
	}},
	{"from a branch whose failure the run got over", func(b *bench) {
		fails := true
		b.answer = func(c task.Call) error {
			if fails && (c.Step == "bad" || c.Step == "fails") {
				return refused
			}
			return nil
		}
		b.start(`
steps:
  - id: both
    parallel:
      left:
        - id: inner
          parallel:
            a: [{id: bad, task: probe.evident}]
            b: [{id: slow, task: stub.evident, with: {script: "again 3s, ok"}}]
          on_failure: continue
      right: [{id: w, task: stub.evident, with: {script: "again 1s, ok"}}, {id: fails, task: probe.evident}]
`, engine.Failed, "both failed, inner failed, bad failed, slow cancelled, w succeeded, fails failed")
		fails = false
		b.must(b.retry("bad"))
		b.follow(engine.Succeeded, "both succeeded, inner succeeded, bad succeeded, slow succeeded, w succeeded, fails succeeded")
	}},
})

// nestedCases has a case for each form in each other one, and for a called workflow in each.
func nestedCases() []testCase {
	var cases []testCase
	names := slices.Sorted(maps.Keys(forms))
	for _, outer := range names {
		for _, inner := range names {
			cases = append(cases,
				testCase{inner + " in " + outer, func(b *bench) { b.failsInside(b.program(nested(outer, inner))) }},
				testCase{inner + " in a called workflow in " + outer, func(b *bench) { b.failsInside(b.linked(called(outer, inner))) }})
		}
	}
	return cases
}
