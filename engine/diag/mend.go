package diag

import (
	"cmp"
	"crypto/sha256"
	"slices"
)

// A Mended is a text to which fixes were applied.
type Mended struct {
	Text []byte
	Made []Problem // the problems that were fixed, in the order of the fixes
	Left []Problem // the problems that the check finds in Text
}

// Mend applies the fixes that a check offers until no fix is left that helps. Of fixes that
// overlap, each is applied to the result of the one before. Mend rejects a fix if its problem
// remains, or if it causes errors on its own lines and the text then has more errors in total: such
// a fix was not certain after all. The function check returns the problems of one file.
func Mend(text []byte, check func(text []byte) []Problem) Mended {
	m := mender{check: check, refused: map[string]bool{}, seen: map[[32]byte]bool{sha256.Sum256(text): true}}
	m.Text, m.Left = text, check(text)
	for m.checks < maxChecks {
		batch := m.batch()
		if len(batch) == 0 {
			break
		}
		if m.try(batch) {
			continue
		}
		// At least one of them does not help: try each alone.
		for _, p := range batch {
			if len(batch) > 1 && m.try([]Problem{p}) {
				break
			}
			m.refused[identity(p)] = true
		}
	}
	return m.Mended
}

// maxChecks bounds the work: a fix may lead to another fix, and that one to the first again.
const maxChecks = 200

type mender struct {
	Mended
	check   func([]byte) []Problem
	checks  int
	refused map[string]bool
	seen    map[[32]byte]bool // the texts that were checked, so that Mend ends
}

// identity identifies a problem independently of its position, which edits before it may change.
func identity(p Problem) string {
	fix := ""
	if p.Fix != nil {
		fix = p.Fix.Text
	}
	return p.Rule + "\x00" + p.Message + "\x00" + fix
}

// batch returns the problems whose fix was not refused, without those whose fix overlaps an earlier
// one.
func (m *mender) batch() []Problem {
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

// try applies the fixes of problems. It keeps the result if it is better, and reports whether it
// is.
func (m *mender) try(problems []Problem) bool {
	fixes := make([]Fix, len(problems))
	for i, p := range problems {
		fixes[i] = *p.Fix
	}
	made, spans, ok := applyAll(m.Text, fixes)
	digest := sha256.Sum256(made)
	if !ok || m.seen[digest] {
		return false
	}
	m.seen[digest] = true
	left := m.check(made)
	m.checks++
	if !better(m.Left, left, problems, made, spans) {
		return false
	}
	m.Text, m.Left, m.Made = made, left, append(m.Made, problems...)
	return true
}

// better reports whether every fixed problem is gone and, if the text has more errors than before,
// none of the new ones is on a line that a fix wrote. A new error elsewhere was hidden before:
// after a misspelt key is corrected, the check reads what is below the key. So was the same problem
// at another place: the parser stops at the first one. spans says what each fix wrote.
func better(before, after, fixed []Problem, text []byte, spans []span) bool {
	for i, p := range fixed {
		if count(after, p) <= count(before, p)-count(fixed, p) {
			continue
		}
		if p.Range.Start.Line == 0 || slices.ContainsFunc(after, func(q Problem) bool {
			return q.Rule == p.Rule && q.Message == p.Message && (q.Range.Start.Line == 0 || q.Range.Touches(text, spans[i].from, spans[i].to))
		}) {
			return false
		}
	}
	if countErrors(after) <= countErrors(before) {
		return true
	}
	return !slices.ContainsFunc(after, func(p Problem) bool {
		return p.IsError() && count(before, p) == 0 && slices.ContainsFunc(spans, func(s span) bool {
			return s.first <= p.Range.Start.Line && p.Range.Start.Line <= s.last
		})
	})
}

// count returns the number of problems with the same rule and message.
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
