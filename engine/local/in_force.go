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
			var replaced []engine.Moment
			for _, f := range force {
				if journal.Has(e.Keep, f.seq) {
					kept = append(kept, f)
				} else if m, ok := momentOf(f.Entry); ok {
					replaced = append(replaced, m)
				}
			}
			past.Replace(replaced, p)
			force = kept
		}
		force = append(force, entry{Entry: e, seq: number})
	})
	return force, past
}
