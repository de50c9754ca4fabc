package expression

import (
	"slices"
	"strings"
	"sync"

	"errand/engine/schema"
)

// maxRewrites bounds how many habits are replaced in one expression, and maxAttempts how many ways
// are tried.
const (
	maxRewrites = 6
	maxAttempts = 120
	maxHabitual = 2000 // the length of the longest expression that is searched, in bytes
)

var patterns = sync.OnceValue(func() [][]token {
	list := make([][]token, len(habits))
	for i, h := range habits {
		list[i] = tokenize(h.written)
	}
	return list
})

// A rewrite replaces a part of a source by what a habit means.
type rewrite struct {
	habit
	match
	write string
}

func (w rewrite) apply(source string) string { return source[:w.from] + w.write + source[w.to:] }

// whole returns a rewrite that begins or ends at a dot as one of all the names around it, so that a
// reader can type it.
func (w rewrite) whole(source string) rewrite {
	m := matcher{source: source, tokens: tokenize(source)}
	first := slices.IndexFunc(m.tokens, func(t token) bool { return t.from >= w.from })
	next := first
	for next < len(m.tokens) && m.tokens[next].from < w.to {
		next++
	}
	from, to := w.from, w.to
	if m.tokens[first].text == "." {
		from = m.tokens[m.before(first, false)].from
	}
	if m.tokens[next-1].text == "." {
		to = m.tokens[m.after(next)-1].to
	}
	w.write = source[from:w.from] + w.write + source[w.to:to]
	w.from, w.to = from, to
	return w
}

// explainHabits replaces the help for a problem that a habit causes. Problems that are gone with
// the habit are reported once.
func explainHabits(source string, scope Scope, problems []Problem) []Problem {
	if len(source) > maxHabitual || slices.ContainsFunc(problems, func(p Problem) bool { return p.Rule == RuleLimit }) {
		return problems
	}
	r := rewriter{scope: scope}
	text, left := source, problems
	var made []rewrite
	var written []place
	for len(made) < maxRewrites && len(left) > 0 {
		w, rest, ok := r.next(text, left)
		if !ok {
			break
		}
		made, written = append(made, w), w.move(written)
		text, left = w.apply(text), rest
	}
	if r.breaks(made, written, problems, left) {
		made = nil
	}
	if len(made) == 0 {
		return r.advise(source, problems)
	}
	gone := slices.DeleteFunc(slices.Clone(problems), func(p Problem) bool { return slices.ContainsFunc(left, p.isSame) })
	if len(gone) == 0 {
		return problems
	}
	p := gone[0]
	certain := len(left) == 0
	for _, w := range made {
		certain = certain && w.certain
	}
	write := text
	if p.From, p.To = 0, len(source); len(made) == 1 {
		whole := made[0].whole(source)
		p.From, p.To, write = whole.from, whole.to, whole.write
	}
	if p.Help, p.Suggest = "write "+write, ""; certain {
		p.Suggest = write
	}
	result := []Problem{p}
	for _, other := range problems {
		if slices.ContainsFunc(left, other.isSame) {
			result = append(result, other)
		}
	}
	slices.SortStableFunc(result, func(a, b Problem) int { return a.From - b.From })
	return result
}

func (p Problem) isSame(other Problem) bool {
	return p.Rule == other.Rule && p.Message == other.Message
}

type rewriter struct {
	scope    Scope
	attempts int
}

// compile compiles a source unless too many were compiled before.
func (r *rewriter) compile(source string) (*Program, []Problem, bool) {
	if r.attempts++; r.attempts > maxAttempts {
		return nil, nil, false
	}
	p, problems := compile(source, r.scope)
	return p, problems, true
}

// next returns the first rewrite that leads to fewer problems, and these.
func (r *rewriter) next(source string, problems []Problem) (rewrite, []Problem, bool) {
	tokens := tokenize(source)
	for i, h := range habits {
		for _, m := range (matcher{source, tokens, patterns()[i]}).matches() {
			if !m.concerns(problems) {
				continue
			}
			for _, meant := range h.meant {
				if !r.fits(m, meant.of) {
					continue
				}
				w := rewrite{h, m, fill(meant.write, m.holes)}
				_, left, ok := r.compile(w.apply(source))
				if !ok {
					return rewrite{}, nil, false
				}
				if isBetter(w.apply(source), left, source, problems) && m.explains(problems, left) {
					return w, left, true
				}
			}
		}
	}
	return rewrite{}, nil, false
}

// A place is a part of the text that rewrites have made, in byte offsets.
type place struct{ from, to int }

// move returns the places of earlier rewrites in the text after this one, and its own.
func (w rewrite) move(places []place) []place {
	var moved []place
	more := len(w.write) - (w.to - w.from)
	for _, p := range places {
		if w.from < p.from {
			p.from = max(p.from+more, w.from)
		}
		if w.from < p.to {
			p.to = max(p.to+more, w.from+len(w.write))
		}
		moved = append(moved, p)
	}
	return append(moved, place{w.from, w.from + len(w.write)})
}

// breaks reports whether the rewrites made a new problem. The problem is in a text that they wrote, and
// no operand has it by itself. Rewrites that are all certain break nothing.
func (r *rewriter) breaks(made []rewrite, written []place, before, left []Problem) bool {
	if !slices.ContainsFunc(made, func(w rewrite) bool { return !w.certain }) {
		return false
	}
	return slices.ContainsFunc(left, func(p Problem) bool {
		if slices.ContainsFunc(before, p.isSame) || !slices.ContainsFunc(written, func(at place) bool { return at.from < p.To && p.From < at.to }) {
			return false
		}
		for _, w := range made {
			for _, operand := range w.holes {
				if _, own := compile(operand, r.scope); slices.ContainsFunc(own, p.isSame) {
					return false
				}
			}
		}
		return true
	})
}

// advise gives the advice of the first habit that has no other form.
func (r *rewriter) advise(source string, problems []Problem) []Problem {
	tokens := tokenize(source)
	for i, h := range habits {
		if h.help == "" {
			continue
		}
		for _, m := range (matcher{source, tokens, patterns()[i]}).matches() {
			at := slices.IndexFunc(problems, func(p Problem) bool { return m.concerns([]Problem{p}) })
			if at >= 0 {
				problems = slices.Clone(problems)
				problems[at].Help, problems[at].Suggest = h.help, ""
				return problems
			}
		}
	}
	return problems
}

// concerns reports whether a match meets a problem. The parser often fails after the cause.
func (m match) concerns(problems []Problem) bool {
	return slices.ContainsFunc(problems, func(p Problem) bool {
		return p.Rule == RuleSyntax || m.from < p.To && p.From < m.to
	})
}

// explains reports whether a match meets every problem that a rewrite has removed.
func (m match) explains(before, left []Problem) bool {
	return !slices.ContainsFunc(before, func(p Problem) bool {
		return !m.concerns([]Problem{p}) && !slices.ContainsFunc(left, p.isSame)
	})
}

// fits reports whether the hole $a, or $A, has a type.
func (r *rewriter) fits(m match, of string) bool {
	if of == "" {
		return true
	}
	text, ok := m.holes["$a"]
	if !ok {
		text = m.holes["$A"]
	}
	p, _, ok := r.compile(text)
	switch {
	case !ok || p == nil:
		return false
	case of == "null":
		return p.Type().Nullable && p.Type().Kind != schema.Null
	}
	return string(p.Type().Kind) == of
}

// fill puts the texts of holes into what is meant.
func fill(meant string, holes map[string]string) string {
	var pairs []string
	for name, text := range holes {
		pairs = append(pairs, name, text)
	}
	return strings.NewReplacer(pairs...).Replace(meant)
}

// isBetter reports whether the parser reads more of a text than of another. If it reads as much, isBetter
// reports whether the text has fewer problems.
func isBetter(text string, problems []Problem, other string, others []Problem) bool {
	unread, unreadOther := unreadPart(text, problems), unreadPart(other, others)
	if unread != unreadOther {
		return unread < unreadOther
	}
	return len(problems) < len(others)
}

// unreadPart returns how many tokens the parser has not read: all of them if one has no meaning.
func unreadPart(text string, problems []Problem) int {
	for _, p := range problems {
		if strings.HasSuffix(p.Message, meaningless) {
			return len(text) + 1
		}
		if p.Rule == RuleSyntax {
			return len(tokenize(text[p.From:]))
		}
	}
	return 0
}
