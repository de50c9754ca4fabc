package local

import "errand/engine/journal"

// foldAfter is how many entries a run gets before the next looks are folded.
const foldAfter = 100

// fold returns the fold of the looks that are over at the end of the stored entries. It returns nil
// if it is too early or if there is nothing to fold.
func (l *ledger) fold() *journal.Fold {
	if l.run.Next-l.folded < foldAfter {
		return nil
	}
	stored := l.force[:len(l.force)-len(l.news)]
	f, kept := journal.FoldLooks(stored, func(step string) bool {
		_, acted := l.rounds[step]
		return acted
	})
	if f == nil {
		return nil
	}
	stored[kept].Entry, l.folded = f.Kept[0], l.run.Next
	return f
}
