package local

import (
	"slices"

	"errand/engine"
	"errand/engine/journal"
	"errand/engine/program"
	"errand/engine/task"
)

// earlier is what the rounds before the present one left: a run that had ended and is done again from one of its steps keeps what
// was before that step, and the rest of its entries counts no more. But what those entries did to other systems was done.
type earlier struct {
	rounds int              // how often the run was done again
	steps  map[string]trace // of the steps whose entries count no more
}

// A trace is what a step did in an earlier round.
type trace struct {
	round    int  // of its last call
	open     bool // nobody knows whether it took effect
	happened bool // it took effect
}

// An entry is one of a run's journal, with its number there, counted from 1.
type entry struct {
	journal.Entry
	seq int
}

// inForce returns the entries that count, and what the others left.
func inForce(entries []journal.Entry, p *program.Program) ([]entry, earlier) {
	force := make([]entry, 0, len(entries))
	past := earlier{steps: map[string]trace{}}
	for i, e := range entries {
		if e.Kind == journal.Retried {
			var kept, gone []entry
			for _, f := range force {
				if journal.Has(e.Keep, f.seq) {
					kept = append(kept, f)
				} else {
					gone = append(gone, f)
				}
			}
			past.rounds++
			past.add(gone)
			force = kept
		}
		force = append(force, entry{Entry: e, seq: i + 1})
	}
	belongs := handlers(p)
	for step := range past.steps {
		key := program.Key(step)
		if slices.ContainsFunc(belongs[key.Shape()], func(pattern program.Key) bool { return pattern.Matches(key) }) {
			delete(past.steps, step)
		}
	}
	return force, past
}

// add follows the calls of a round.
func (p *earlier) add(entries []entry) {
	before := map[string]trace{} // as it was before the step's last call
	for _, e := range entries {
		t := p.steps[e.Step]
		switch e.Kind {
		case journal.Intent:
			before[e.Step] = t
			t = trace{round: e.Call.Round, open: true, happened: t.happened}
		case journal.Replied:
			switch {
			case e.Reply.Failure != nil && e.Reply.Failure.Unknown:
			case e.Reply.Output != nil, e.Reply.Again != nil && e.Reply.Again.Settled:
				t.open, t.happened = false, true
			default: // it had no effect, which says nothing of the calls before
				t.open = before[e.Step].open
			}
		case journal.Decided: // a person knew
			t.open = false
			t.happened = t.happened || e.Verdict == engine.VerdictDone
		default:
			continue
		}
		p.steps[e.Step] = t
	}
}

// round is the round that a step's call belongs to, and with it the call's key. A step that took effect, or may have, keeps its
// round, and has to look for that effect before it acts; one that did not begins anew. To do again what can be neither repeated nor looked up
// and was done is what the person asked for.
func (p *earlier) round(step string, effect task.Effect, used map[string]int) (round int, unsettled bool) {
	if round, ok := used[step]; ok {
		return round, false
	}
	t, known := p.steps[step]
	switch {
	case !known:
		return p.rounds, false
	case t.open, t.happened && effect != task.Once:
		return t.round, true
	}
	return p.rounds, false
}

// handlers returns the patterns of the steps that run when a run has failed or ended, by shape:
// what they did belonged to that end.
func handlers(p *program.Program) map[program.Key][]program.Key {
	patterns := map[program.Key][]program.Key{}
	if p == nil {
		return patterns
	}
	for s := range p.AllPlaces() {
		if s.AfterMainSteps() {
			patterns[s.Key.Shape()] = append(patterns[s.Key.Shape()], s.Key)
		}
	}
	return patterns
}
