package local

import (
	"errand/engine/journal"
	"errand/engine/task"
)

// foldAfter is how many entries a run gets before the next looks are folded.
const foldAfter = 100

// fold returns the fold of the looks that are over at the end of the stored entries. It returns nil
// if it is too early or if there are fewer than two. A look is over if the same step has looked
// again. Looks between which another branch did something are not folded.
func (l *ledger) fold() *journal.Fold {
	if l.run.Next-l.folded < foldAfter {
		return nil
	}
	stored := l.force[:len(l.force)-len(l.news)]
	next := len(stored) - 1
	for next >= 0 && (stored[next].Kind == journal.Slept || stored[next].Kind == journal.Woke) { // after the last look
		next--
	}
	begin := next
	for begin >= 3 && l.onlyLooks(stored[begin-3]) && isOver(stored[begin-3:begin], stored[next]) && replaces(stored[next-3], stored[begin-3]) {
		begin -= 3
		if stored[begin].Looks > 0 {
			break // what comes before is folded
		}
	}
	if begin > 0 && begin < next && stored[begin-1].Kind == journal.Intent {
		begin += 3 // the reply of a call that acts is no look
	}
	if next-begin < 6 {
		return nil
	}
	var looks []journal.Entry
	for _, e := range stored[begin:next] {
		looks = append(looks, e.Entry)
	}
	f := journal.NewFold(stored[begin].seq, looks)
	stored[next-3].Entry, l.folded = f.Kept[0], l.run.Next
	return f
}

// onlyLooks reports whether an answer is that of a look: the step has not acted, or its effect is
// settled. Answers between the two are not folded.
func (l *ledger) onlyLooks(e entry) bool {
	_, acted := l.rounds[e.Step]
	return !acted || e.Reply != nil && e.Reply.Again != nil && e.Reply.Again.Settled
}

// isOver reports whether entries are a look, with the wait after it, of the step whose next look is
// next.
func isOver(entries []entry, next entry) bool {
	kinds := []journal.Kind{journal.Replied, journal.Slept, journal.Woke}
	for i, e := range entries {
		if e.Kind != kinds[i] || e.Branch != next.Branch {
			return false
		}
	}
	return next.Kind == journal.Replied && entries[0].Step == next.Step
}

// replaces reports whether a replay comes to the same state with the answer of a later look only.
// It does after an output, because each look of a poll begins anew, also after a failure. It does
// after an Again if the earlier answer is one too, and both are settled or neither is.
func replaces(later, earlier entry) bool {
	a, b := later.Reply, earlier.Reply
	switch {
	case a.Output != nil:
		return b.Output != nil || b.Failure != nil && b.Failure.Code != task.CodeInterrupted
	case a.Again != nil && b.Again != nil:
		return a.Again.Settled == b.Again.Settled
	}
	return false
}
