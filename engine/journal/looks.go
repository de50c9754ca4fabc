package journal

import "errand/engine/task"

// FoldLooks returns the fold of the looks that are over at the end of a run's entries in force, and
// the index of the entry in which the fold keeps their answer. It returns nil if fewer than two looks
// can be folded. A look is over if the same step has looked again. Looks between which another branch
// did something are not folded.
//
// acted reports whether a step has acted: the answers that it gets before its effect is settled are
// not folded.
func FoldLooks(force []Numbered, acted func(step string) bool) (f *Fold, kept int) {
	onlyLooks := func(e Numbered) bool {
		return !acted(e.Step) || e.Reply != nil && e.Reply.Again != nil && e.Reply.Again.Settled
	}
	next := len(force) - 1
	for next >= 0 && (force[next].Kind == Slept || force[next].Kind == Woke) { // after the last look
		next--
	}
	begin := next
	for begin >= lookLength && onlyLooks(force[begin-lookLength]) && isOver(force[begin-lookLength:begin], force[next]) && replaces(force[next-lookLength], force[begin-lookLength]) {
		begin -= lookLength
		if force[begin].Looks > 0 {
			break // what comes before is folded
		}
	}
	if begin > 0 && begin < next && force[begin-1].Kind == Intent {
		begin += lookLength // the reply of a call that acts is no look
	}
	if next-begin < 2*lookLength {
		return nil, 0
	}
	var looks []Entry
	for _, e := range force[begin:next] {
		looks = append(looks, e.Entry)
	}
	return NewFold(force[begin].Seq, looks), next - lookLength
}

// isOver reports whether entries are a look, with the wait after it, of the step whose next look is
// next.
func isOver(entries []Numbered, next Numbered) bool {
	kinds := []Kind{Replied, Slept, Woke}
	for i, e := range entries {
		if e.Kind != kinds[i] || e.Branch != next.Branch {
			return false
		}
	}
	return next.Kind == Replied && entries[0].Step == next.Step
}

// replaces reports whether a replay comes to the same state with the answer of a later look only.
// It does after an output, because each look of a poll begins anew, also after a failure. It does
// after an Again if the earlier answer is one too, and both are settled or neither is.
func replaces(later, earlier Numbered) bool {
	a, b := later.Reply, earlier.Reply
	switch {
	case a.Output != nil:
		return b.Output != nil || b.Failure != nil && b.Failure.Code != task.CodeInterrupted
	case a.Again != nil && b.Again != nil:
		return a.Again.Settled == b.Again.Settled
	}
	return false
}
