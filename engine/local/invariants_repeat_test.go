package local_test

import (
	"slices"

	"errand/engine/journal"
	"errand/engine/task"
)

// A sent is the input of the last call of a step that could act.
type sent struct {
	retried int // how often the run had been retried
	input   string
}

// checkInput is the last sentence of I2. A retry may give a step another input. A call that only
// reads leaves before the answers to earlier reads are on record. After a crash these may be others,
// and so may its input.
func (s *simulation) checkInput(sub *subject, c task.Call, reads bool) {
	now := sent{retriedIn(sub.entries), string(c.Input)}
	if before, known := sub.sent[c.Step]; known && before.retried == now.retried && before.input != now.input {
		s.note("I2", sub, "%s is called with %s, and before with %s", c.Step, now.input, before.input)
	}
	if !reads {
		sub.sent[c.Step] = now
	}
}

func retriedIn(entries []journal.Entry) (n int) {
	for _, e := range entries {
		if e.Kind == journal.Retried {
			n++
		}
	}
	return n
}

// checkRepeat is I2, before an effect.
func (s *simulation) checkRepeat(v *visit, entries []journal.Entry) {
	var last *deed
	for _, d := range v.sub.deeds {
		if d.call.Step == v.call.Step {
			last = d
		}
	}
	if v.call.Settled {
		s.note("I2", v.sub, "%s acts, and its call says that the effect is settled", v.call.Step)
	}
	if last == nil {
		return
	}
	between := after(entries[:len(entries)-1], last.number) // without the last one, the intent of this effect
	isKnown, isUnknown := false, false
	for _, e := range between {
		if e.Step == v.call.Step {
			isKnown = isKnown || settles(e)
			isUnknown = isUnknown || e.Kind == journal.Replied && e.Reply.Failure != nil && e.Reply.Failure.Unknown
		}
	}
	again := retriedIn(between) > 0
	step, handler := find(v.sub.order.Program, v.call.Step)
	named, undone, changed := v.sub.retriesSince(last, between, v.call)
	switch {
	case correctedIn(between) && string(last.call.Input) != string(v.call.Input) && last.call.Key() != v.call.Key():
	case again && handler, v.effect == task.Once && named && isKnown, v.effect == task.Once && step.Retry.Stated && isUnknown && !isKnown:
	case (undone || changed) && last.call.Key() != v.call.Key():
	default:
		s.note("I2", v.sub, "%s has another effect:\n\tbefore %+v\n\tnow    %+v", v.call.Step, last.call, v.call)
	}
}

// correctedIn reports whether a person retried the run with another definition, which may ask for
// another effect.
func correctedIn(entries []journal.Entry) bool {
	return slices.ContainsFunc(entries, func(e journal.Entry) bool { return e.Kind == journal.Retried && e.Digest != "" })
}

// retriesSince tells of the retries between an effect of a step and another call of it: whether a
// person named a step to go on from, whether the step was undone, and whether it has another input
// because another step was undone.
func (sub *subject) retriesSince(last *deed, between []journal.Entry, c task.Call) (named, undone, changed bool) {
	n := retriedIn(sub.entries[:min(last.number, len(sub.entries))])
	for _, e := range between {
		if e.Kind != journal.Retried {
			continue
		}
		named = named || sub.named[n]
		undone = undone || slices.Contains(e.Undone, c.Step)
		changed = changed || len(e.Undone) > 0 && string(last.call.Input) != string(c.Input)
		n++
	}
	return named, undone, changed
}
