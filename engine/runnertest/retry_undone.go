package runnertest

import (
	"slices"
	"strings"

	"errand/engine"
	"errand/engine/task"
)

var refused = &task.Failure{Code: "Refused", Message: "not like this", Status: 400}

// failsOnce makes the first call of a step fail.
func (b *bench) failsOnce(step string) {
	b.answer = func(c task.Call) error {
		if c.Step != step {
			return nil
		}
		step = ""
		return refused
	}
}

// keysOf returns the keys of the calls of a step, in their order.
func (b *bench) keysOf(step string) (keys []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.calls {
		if c.Step == step {
			keys = append(keys, c.Key())
		}
	}
	return keys
}

// undoable is a step with an undo, within which act is the step that is undone.
const undoable = "{id: act, task: probe.once, with: {text: one}, undo: [{id: back, task: probe.once, with: {text: back}}]}"

// A step that was undone is done again by a retry, with another key, in each form. What was not
// undone stays.
var undoneCases = []testCase{
	{"of a step", undoneIn(undoable, "act")},
	{"in a branch", undoneIn("{id: outer, parallel: {one: ["+undoable+"], two: [{id: beside, task: probe.once}]}}", "act")},
	{"in a loop", undoneIn("{id: outer, for_each: [1], as: item, steps: ["+undoable+"]}", "outer[0].act")},
	{"in a loop within a branch", undoneIn("{id: outer, parallel: {one: [{id: each, for_each: [1], as: item, steps: ["+undoable+"]}]}}", "each[0].act")},
	{"in a step that stands in", undoneIn("{id: outer, task: stub.evident, with: {script: refused}, on_failure: ["+undoable+"]}", "act")},
	{"in a case", undoneIn("{id: outer, switch: [{if: true, steps: ["+undoable+"]}]}", "act")},
	{"two steps, and one between them", func(b *bench) {
		b.failsOnce("bad")
		b.start(`
steps:
  - {id: zero, task: probe.once}
  - {id: one, task: probe.once, undo: [{id: not_one, task: probe.once}]}
  - {id: between, task: probe.once, with: {text: between}}
  - {id: two, task: probe.evident, undo: [{id: not_two, task: probe.once}]}
  - {id: bad, task: probe.evident}
`, engine.Failed, "zero succeeded, one succeeded, between succeeded, two succeeded, bad failed, not_two succeeded, not_one succeeded")
		b.must(b.retry(""))
		b.follow(engine.Succeeded, "zero succeeded, one succeeded, between succeeded, two succeeded, bad succeeded")
		if b.called() != "zero one between two bad not_two not_one one two bad" {
			b.Errorf("called: %s", b.called())
		}
		for _, step := range []string{"one", "two"} {
			if keys := b.keysOf(step); keys[0] == keys[1] {
				b.Errorf("step %s was undone, and has its key again", step)
			}
		}
	}},
	{"what a person decided is not asked again", func(b *bench) {
		fails := true
		b.answer = func(c task.Call) error {
			switch {
			case c.Step == "lost":
				return &task.Failure{Code: task.CodeNoReply, Message: "no answer came", Unknown: true}
			case c.Step == "bad" && fails:
				return refused
			}
			return nil
		}
		b.start(`
steps:
  - {id: one, task: probe.once, undo: [{id: not_one, task: probe.once}]}
  - {id: lost, task: probe.once}
  - {id: bad, task: probe.evident}
`, engine.Uncertain, "one succeeded, lost uncertain")
		b.must(b.decide("lost", engine.VerdictDone))
		b.follow(engine.Failed, "one succeeded, lost succeeded, bad failed, not_one succeeded")
		fails = false
		b.must(b.retry(""))
		v := b.follow(engine.Succeeded, "one succeeded, lost succeeded, bad succeeded")
		if b.called() != "one lost bad not_one one bad" || v.Steps[1].Outputs["result_message"] != "done, as Kim decided; its outputs are not known" {
			b.Errorf("called: %s; the step is %+v", b.called(), v.Steps[1])
		}
	}},
	{"a later step with another request acts again", func(b *bench) {
		b.failsOnce("bad")
		b.start(`
steps:
  - {id: one, task: stub.keyed, undo: [{id: not_one, task: probe.once}]}
  - {id: log, task: probe.evident, with: {text: "recover ${{ string(steps.one.recover) }} calls ${{ run.id }}"}}
  - {id: bad, task: probe.evident}
`, engine.Failed, "one succeeded, log succeeded, bad failed, not_one succeeded")
		b.must(b.retry(""))
		b.follow(engine.Succeeded, "one succeeded, log succeeded, bad succeeded")
		if b.called() != "log bad not_one bad" { // the request is the same
			b.Errorf("called: %s", b.called())
		}
	}},
	{"whose undo was refused stays", func(b *bench) {
		b.answer = func(c task.Call) error {
			if c.Step == "bad" && len(b.keysOf("bad")) == 1 || c.Step == "back" {
				return refused
			}
			return nil
		}
		b.start("\nsteps:\n  - "+undoable+"\n  - {id: bad, task: probe.evident}\n", engine.Failed, "act succeeded, bad failed, back failed")
		b.must(b.retry(""))
		b.follow(engine.Succeeded, "act succeeded, bad succeeded")
		if b.called() != "act bad back bad" {
			b.Errorf("called: %s", b.called())
		}
	}},
	{"from a later step", func(b *bench) {
		b.failsOnce("bad")
		b.start("\nsteps:\n  - "+undoable+"\n  - {id: two, task: probe.once}\n  - {id: bad, task: probe.evident}\n",
			engine.Failed, "act succeeded, two succeeded, bad failed, back succeeded")
		b.must(b.retry("two")) // it goes back to the step that was undone
		b.follow(engine.Succeeded, "act succeeded, two succeeded, bad succeeded")
		if b.called() != "act two bad back act two bad" {
			b.Errorf("called: %s", b.called())
		}
	}},
}

// undoneIn returns a test with a step that contains a step with an undo, whose key is act.
func undoneIn(step, act string) func(b *bench) {
	return func(b *bench) {
		b.failsOnce("bad")
		v, err := b.first.Start(b.ctx, b.order("\nsteps:\n  - "+step+"\n  - {id: bad, task: probe.evident}\n"), engine.Following{})
		if b.must(err); v.Status != engine.Failed {
			b.Fatalf("the run is %s, %v", v.Status, v.Failure)
		}
		b.must(b.retry(""))
		v, err = b.Open("another process").Follow(b.ctx, run, engine.Following{})
		if b.must(err); v.Status != engine.Succeeded {
			b.Fatalf("the run is %s, %v", v.Status, v.Failure)
		}
		keys := b.keysOf(act)
		if len(keys) != 2 || keys[0] == keys[1] {
			b.Errorf("the step that was undone was called with the keys %v", keys)
		}
		if strings.Count(b.called(), "beside") > 1 || strings.Count(b.called(), "bad") != 2 {
			b.Errorf("called: %s", b.called())
		}
		events, err := b.first.Events(b.ctx, run, engine.EventID{})
		b.must(err)
		if !slices.ContainsFunc(events, func(e engine.Event) bool { return e.Kind == engine.EventHandlerBegins && e.Step == act }) {
			b.Errorf("the events do not tell that step %s was undone", act)
		}
	}
}
