package diag

import (
	"cmp"
	"crypto/sha256"
	"slices"
)

// A Mended text is one to which fixes were applied.
type Mended struct {
	Text []byte
	Made []Problem // those that were fixed, in the order of the fixing
	Left []Problem // what the check says of Text
}

// Mend applies the fixes that a check offers until none is left that helps. Those that overlap are applied one after the other, each
// to the text as it is then. A fix that leaves its problem in place, or brings errors to its own lines and more of them in all, is
// not made: it was not certain after all. Check returns the problems of one file.
func Mend(text []byte, check func(text []byte) []Problem) Mended {
	m := mending{check: check, refused: map[string]bool{}, seen: map[[32]byte]bool{sha256.Sum256(text): true}}
	m.Text, m.Left = text, check(text)
	for m.checks < mostChecks {
		batch := m.batch()
		if len(batch) == 0 {
			break
		}
		if m.try(batch) {
			continue
		}
		// One of them is to blame.
		for _, p := range batch {
			if len(batch) > 1 && m.try([]Problem{p}) {
				break
			}
			m.refused[identity(p)] = true
		}
	}
	return m.Mended
}

// mostChecks bounds the work: a fix may make room for another, and that for the first.
const mostChecks = 200

type mending struct {
	Mended
	check   func([]byte) []Problem
	checks  int
	refused map[string]bool
	seen    map[[32]byte]bool // texts that were checked, so that nothing goes round in circles
}

// identity names a problem wherever edits before it have moved it to.
func identity(p Problem) string {
	fix := ""
	if p.Fix != nil {
		fix = p.Fix.Text
	}
	return p.Rule + "\x00" + p.Message + "\x00" + fix
}

// batch lists the problems with a fix that was not refused, without those whose fix overlaps an earlier one's.
func (m *mending) batch() []Problem {
	var batch []Problem
	last := edit{from: -1}
	fixable := slices.DeleteFunc(slices.Clone(m.Left), func(p Problem) bool { return p.Fix == nil || m.refused[identity(p)] })
	slices.SortStableFunc(fixable, func(a, b Problem) int {
		x, y := a.Fix.Range.Start, b.Fix.Range.Start
		return cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column))
	})
	for _, p := range fixable {
		e, ok := p.Fix.edit(m.Text)
		if !ok || e.from <= last.from || e.from < last.to {
			continue
		}
		batch, last = append(batch, p), e
	}
	return batch
}

// try makes the fixes of problems, and keeps the result where it is better.
func (m *mending) try(problems []Problem) bool {
	fixes := make([]Fix, len(problems))
	for i, p := range problems {
		fixes[i] = *p.Fix
	}
	made, lines, ok := applyAll(m.Text, fixes)
	digest := sha256.Sum256(made)
	if !ok || m.seen[digest] {
		return false
	}
	m.seen[digest] = true
	left := m.check(made)
	m.checks++
	if !better(m.Left, left, problems, lines) {
		return false
	}
	m.Text, m.Left, m.Made = made, left, append(m.Made, problems...)
	return true
}

// better tells whether each of the problems that were fixed is gone, and whatever errors came up instead are not of the fixing: a key
// that is spelt right at last brings to light what stands below it.
func better(before, after, fixed []Problem, lines []span) bool {
	for _, p := range fixed {
		gone := count(fixed, p)
		if count(after, p) > count(before, p)-gone {
			return false
		}
	}
	if countErrors(after) <= countErrors(before) {
		return true
	}
	return !slices.ContainsFunc(after, func(p Problem) bool {
		return p.IsError() && count(before, p) == 0 && slices.ContainsFunc(lines, func(s span) bool {
			return s.first <= p.Range.Start.Line && p.Range.Start.Line <= s.last
		})
	})
}

// count counts the problems that say the same.
func count(problems []Problem, p Problem) int {
	n := 0
	for _, other := range problems {
		if other.Rule == p.Rule && other.Message == p.Message {
			n++
		}
	}
	return n
}

func countErrors(problems []Problem) int {
	n := 0
	for _, p := range problems {
		if p.IsError() {
			n++
		}
	}
	return n
}
