package local

import (
	"errand/engine"
	"errand/engine/journal"
	"errand/engine/program"
)

// An entry is one of a run's journal, with its number there, counted from 1.
type entry struct {
	journal.Entry
	seq int
}

// inForce returns the entries that count, and what the others left.
func inForce(entries []journal.Entry, p *program.Program) ([]entry, engine.Rounds) {
	force := make([]entry, 0, len(entries))
	var past engine.Rounds
	journal.Numbers(entries, func(number int, e journal.Entry) {
		if e.Kind == journal.Retried {
			var kept []entry
			what := engine.Replaced{Undone: e.Undone}
			for _, f := range force {
				if journal.Has(e.Keep, f.seq) {
					kept = append(kept, f)
					continue
				}
				m, ok := momentOf(f.Entry)
				if ok {
					what.Moments = append(what.Moments, m)
				}
				if ok && journal.Has(e.Done, f.seq) {
					what.Done = append(what.Done, m.Step)
				}
			}
			past.Replace(what, p)
			force = kept
		}
		force = append(force, entry{Entry: e, seq: number})
	})
	return force, past
}
