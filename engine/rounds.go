package engine

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"errand/engine/program"
	"errand/engine/schema"
	"errand/engine/task"
)

// Rounds are what a run did to other systems before retries replaced its moments. A retry begins a
// round. The moments of earlier rounds that it does not keep no longer count, but their effects
// remain. The zero Rounds are those of a run that was never retried.
type Rounds struct {
	retries int
	steps   map[string]trace // of the steps whose moments no longer count
}

// A trace is what a step did.
type trace struct {
	sent     bool        // a call was sent in these moments
	call     *task.Call  // the last one; nil if there is none
	at       time.Time   // when that was put on record
	open     bool        // its outcome is unknown
	happened bool        // it took effect
	accepted *task.Again // it took effect, and the step did not succeed after that; may be nil
	decided  bool        // that it took effect is what a person decided last
	by       Person      // of decided: the person
	output   *task.Reply // the step's last output; may be nil
	stays    bool        // the step is not done again, unless depends
	depends  bool        // of stays: it is done again if its request differs, because another step was undone
	before   *trace      // the trace before the last call
}

// take adds a moment of the step.
func (t trace) take(m Moment) trace {
	switch {
	case m.Call != nil:
		before := t
		before.before = nil
		return trace{sent: true, call: m.Call, at: m.At, open: true, happened: t.happened, before: &before}
	case m.Reply != nil && m.Reply.Failure != nil && m.Reply.Failure.Unknown:
		t.before = nil
	case m.Reply != nil && m.Reply.Output != nil:
		t.open, t.happened, t.accepted, t.decided, t.output, t.before = false, true, nil, false, m.Reply, nil
	case m.Reply != nil && m.Reply.Again != nil && m.Reply.Again.Settled:
		t.open, t.happened, t.accepted, t.decided, t.before = false, true, m.Reply.Again, false, nil
	case m.Reply != nil: // it had no effect; that says nothing about the calls before
		absent := m.Reply.Again != nil && m.Reply.Again.Absent
		if t.before == nil && !absent {
			return t // a look, which found out nothing
		}
		t.open, t.before = t.before != nil && t.before.open, nil
	case m.Decision != nil:
		done := m.Decision.Verdict == VerdictDone
		t.open, t.happened, t.decided, t.by = false, t.happened || done, done, m.Decision.By
	}
	return t
}

// effectsOf returns what the steps of some moments did.
func effectsOf(moments []Moment) map[string]trace {
	all := map[string]trace{}
	for _, m := range moments {
		all[m.Step] = all[m.Step].take(m)
	}
	return all
}

// A Replaced is what a retry does to the moments of a run.
type Replaced struct {
	Moments []Moment // those that no longer count, in their order
	Done    []string // the steps among them that succeeded, and are not done again
	Undone  []string // the steps that were undone; one of Done is done again if it depends on them
}

// Replace begins a round. The steps of handlers and `finally` of p do not count: such steps act
// each time that the run ends.
func (r *Rounds) Replace(what Replaced, p *program.Program) {
	r.retries++
	if r.steps == nil {
		r.steps = map[string]trace{}
	}
	for _, m := range what.Moments {
		t := r.steps[m.Step].take(m)
		t.stays, t.depends = slices.Contains(what.Done, m.Step), len(what.Undone) > 0
		r.steps[m.Step] = t
	}
	for _, step := range what.Undone {
		delete(r.steps, step)
	}
	ending := EndingSteps(p)
	maps.DeleteFunc(r.steps, func(step string, _ trace) bool { return ending(step) })
}

// Begin returns the round that a step's first call belongs to, and with it the call's key. If
// answer is not nil, the call is not made, since an earlier round has answered it:
//
//   - A step that stays has its output. If a person decided that it was done, nobody is asked again.
//   - A step whose change was accepted and that did not succeed after that goes on after it.
//   - A step that took effect, or may have, is told that the outcome is unknown, so that it looks.
//
// Every other step gets the present round. A retry of a Once step that took effect is what the
// person asked for.
func (r *Rounds) Begin(c task.Call, t task.Type) (round int, answer *task.Reply) {
	past, known := r.steps[c.Step]
	if !known || past.call == nil {
		return r.retries, nil
	}
	same := past.call.Type == c.Type && past.call.Credential == c.Credential && bytes.Equal(past.call.Input, c.Input)
	looks := task.Interrupted("it was begun before the run was done again", past.at)
	settled := past.accepted
	if past.decided && t.Settles {
		settled = &task.Again{Settled: true}
	}
	switch {
	case past.open:
		return past.call.Round, &looks
	case past.stays && past.depends && !same:
		return r.retries, nil // another effect
	case past.stays && past.output != nil:
		return past.call.Round, past.output
	case settled != nil && (same || past.stays):
		return past.call.Round, &task.Reply{Again: &task.Again{Note: settled.Note, Settled: true, Output: settled.Output}}
	case past.stays && past.decided:
		return past.call.Round, &task.Reply{Output: schema.Encode(outputsOfDone(t, past.by))}
	case past.stays, past.happened && t.Effect != task.Once:
		return past.call.Round, &looks
	}
	return r.retries, nil
}

// Clone returns a copy that shares nothing with r.
func (r *Rounds) Clone() Rounds { return Rounds{retries: r.retries, steps: maps.Clone(r.steps)} }
