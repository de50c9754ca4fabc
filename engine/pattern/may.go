package pattern

import (
	"regexp/syntax"
	"strings"
)

// MayMatch reports whether a regular expression (RE2) may match a text of which only pieces are known:
// the text begins with the first piece, ends with the last, and has unknown texts between them. If it
// returns false, no such text matches. It returns true if the expression cannot be read.
func MayMatch(source string, pieces []string) bool {
	tree, err := syntax.Parse(source, syntax.Perl)
	if err != nil {
		return true
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return true
	}
	m := &machine{program: program, states: map[uint32]bool{}}
	m.enter(uint32(program.Start), syntax.EmptyBeginText)
	for i, piece := range pieces {
		if i > 0 {
			m.skip()
		}
		for _, r := range piece {
			m.step(r)
		}
	}
	return m.ends()
}

// A machine follows all ways of a compiled expression through a text at once. It takes a line or a word
// for ended everywhere, so it may find a match that does not exist.
type machine struct {
	program *syntax.Prog
	states  map[uint32]bool // those that wait for a character or for the end of the text
	matched bool
}

// enter adds a state, and those that it leads to where the text begins or ends as edges say.
func (m *machine) enter(pc uint32, edges syntax.EmptyOp) {
	m.follow(pc, edges, map[uint32]bool{})
}

func (m *machine) follow(pc uint32, edges syntax.EmptyOp, seen map[uint32]bool) {
	if seen[pc] {
		return
	}
	seen[pc] = true
	switch inst := &m.program.Inst[pc]; inst.Op {
	case syntax.InstAlt, syntax.InstAltMatch:
		m.follow(inst.Out, edges, seen)
		m.follow(inst.Arg, edges, seen)
	case syntax.InstCapture, syntax.InstNop:
		m.follow(inst.Out, edges, seen)
	case syntax.InstEmptyWidth:
		needs := syntax.EmptyOp(inst.Arg) & (syntax.EmptyBeginText | syntax.EmptyEndText)
		if needs&^edges == 0 {
			m.follow(inst.Out, edges, seen)
		} else if needs&syntax.EmptyEndText != 0 {
			m.states[pc] = true
		}
	case syntax.InstMatch:
		m.matched = true
	case syntax.InstFail:
	default:
		m.states[pc] = true
	}
}

// step follows a character. A match may begin after it, too.
func (m *machine) step(r rune) {
	before := m.states
	m.states = map[uint32]bool{}
	for pc := range before {
		if inst := &m.program.Inst[pc]; inst.Op != syntax.InstEmptyWidth && inst.MatchRune(r) {
			m.enter(inst.Out, 0)
		}
	}
	m.enter(uint32(m.program.Start), 0)
}

// skip follows an unknown text, which may be empty.
func (m *machine) skip() {
	m.enter(uint32(m.program.Start), 0)
	for more := true; more; {
		before := len(m.states)
		for pc := range m.states {
			if inst := &m.program.Inst[pc]; inst.Op != syntax.InstEmptyWidth {
				m.enter(inst.Out, 0)
			}
		}
		more = len(m.states) > before
	}
}

// ends reports whether the text may match if it ends here.
func (m *machine) ends() bool {
	for pc := range m.states {
		if m.program.Inst[pc].Op == syntax.InstEmptyWidth {
			m.enter(pc, syntax.EmptyBeginText|syntax.EmptyEndText)
		}
	}
	return m.matched
}

// Fits reports whether a text has these pieces: it begins with the first, ends with the last, and has
// the others between them in order.
func Fits(text string, pieces []string) bool {
	rest, begins := strings.CutPrefix(text, pieces[0])
	if len(pieces) == 1 {
		return text == pieces[0]
	}
	for _, piece := range pieces[1 : len(pieces)-1] {
		_, after, found := strings.Cut(rest, piece)
		if !found {
			return false
		}
		rest = after
	}
	return begins && strings.HasSuffix(rest, pieces[len(pieces)-1])
}
