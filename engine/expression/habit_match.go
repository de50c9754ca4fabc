package expression

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A token is a word, a literal, an operator or a hole such as $a.
type token struct {
	text     string
	from, to int // byte offsets
}

// isHole reports whether a token of a pattern is a hole.
func (t token) isHole() bool { return len(t.text) == 2 && t.text[0] == '$' }

// isWide reports whether a hole stands for any text, rather than for an operand.
func (t token) isWide() bool { return t.text[1] >= 'A' && t.text[1] <= 'Z' }

// isForLiteral reports whether a hole stands for a literal.
func (t token) isForLiteral() bool { return t.text[1] >= '0' && t.text[1] <= '9' }

// isForList reports whether a hole stands for any text with its commas.
func (t token) isForList() bool { return t.text == "$L" }

func (t token) isWord() bool {
	r, _ := utf8.DecodeRuneInString(t.text)
	return r == '_' || r == '#' || unicode.IsLetter(r)
}

func (t token) isLiteral() bool {
	return strings.IndexByte("\"'`0123456789", t.text[0]) >= 0
}

// signs are the operators of more than one character, here or elsewhere; the longer ones first.
var signs = []string{"===", "!==", "==", "!=", "<>", "<=", ">=", "=~", "=>", "->", "//", "&&", "||", "??", "?.", "..", "**"}

// tokenize splits a source. Unlike the parser, it accepts any text.
func tokenize(source string) []token {
	var tokens []token
	for at := 0; at < len(source); {
		r, size := utf8.DecodeRuneInString(source[at:])
		end := at + size
		isPart := func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
		switch {
		case unicode.IsSpace(r):
			at = end
			continue
		case r == '$' || r == '#' || isPart(r):
			for end < len(source) {
				next, size := utf8.DecodeRuneInString(source[end:])
				if !isPart(next) {
					break
				}
				end += size
			}
		case r == '"' || r == '\'' || r == '`':
			for end < len(source) && source[end] != source[at] {
				if source[end] == '\\' && r != '`' {
					end++
				}
				end++
			}
			end = min(end+1, len(source))
		default:
			for _, sign := range signs {
				if strings.HasPrefix(source[at:], sign) {
					end = at + len(sign)
					break
				}
			}
		}
		tokens = append(tokens, token{source[at:end], at, end})
		at = end
	}
	return tokens
}

// A match is a place in a source at which a pattern was found. holes has the text of each hole.
type match struct {
	from, to int
	holes    map[string]string
}

// A matcher searches for one pattern in one source.
type matcher struct {
	source  string
	tokens  []token
	pattern []token
}

// matches returns all places at which a pattern occurs, in the order of the text.
func (m matcher) matches() []match {
	anchor := slices.IndexFunc(m.pattern, func(t token) bool { return !t.isHole() })
	var found []match
	for at := range m.tokens {
		if m.tokens[at].text != m.pattern[anchor].text {
			continue
		}
		first := at
		holes := map[string]string{}
		if anchor == 1 {
			if first = m.before(at, m.pattern[0].isWide()); first == at {
				continue
			}
			for first > 1 && m.tokens[first-1].text == "|" { // it is a filter, whose result is meant
				first = m.before(first-1, false)
			}
			holes[m.pattern[0].text] = m.text(first, at)
		}
		if end, ok := m.follow(at, m.pattern[anchor:], holes); ok {
			found = append(found, match{m.tokens[first].from, m.tokens[end-1].to, holes})
		}
	}
	return found
}

func (m matcher) text(from, to int) string { return m.source[m.tokens[from].from:m.tokens[to-1].to] }

// follow matches the rest of a pattern from a token on. It returns the index after the last token.
func (m matcher) follow(at int, pattern []token, holes map[string]string) (end int, ok bool) {
	for i, p := range pattern {
		switch {
		case !p.isHole():
			if at >= len(m.tokens) || m.tokens[at].text != p.text {
				return at, false
			}
			at++
		case !p.isWide():
			next := m.after(at)
			if next == at || p.isForLiteral() && !m.tokens[next-1].isLiteral() {
				return at, false
			}
			holes[p.text] = m.text(at, next)
			at = next
		default:
			until := ""
			if i+1 < len(pattern) {
				until = pattern[i+1].text
			}
			next := m.wideAfter(at, until)
			for p.isForList() && next < len(m.tokens) && m.tokens[next].text == "," {
				next = m.wideAfter(next+1, until)
			}
			if next == at {
				return at, false
			}
			holes[p.text] = m.text(at, next)
			at = next
		}
	}
	return at, true
}

// wideAfter returns the index of the first token on the same level as the one at `at` that is the
// word until, a comma or a closing bracket.
func (m matcher) wideAfter(at int, until string) int {
	for depth := 0; at < len(m.tokens); at++ {
		switch t := m.tokens[at].text; {
		case depth == 0 && t == until:
			return at
		case strings.Contains("([{", t):
			depth++
		case strings.Contains(")]}", t):
			if depth == 0 {
				return at
			}
			depth--
		case t == "," && depth == 0:
			return at
		}
	}
	return at
}

// after returns the index after the operand that begins at a token.
func (m matcher) after(at int) int {
	start := at
	for at < len(m.tokens) && (m.tokens[at].text == "-" || m.tokens[at].text == "!") {
		at++
	}
	switch {
	case at == len(m.tokens):
		return start
	case m.tokens[at].isWord() || m.tokens[at].isLiteral():
		at++
	case strings.Contains("([{", m.tokens[at].text):
		at = m.closing(at)
	default:
		return start
	}
	for at < len(m.tokens) {
		switch t := m.tokens[at].text; {
		case (t == "." || t == "?.") && at+1 < len(m.tokens) && m.tokens[at+1].isWord():
			at += 2
		case t == "[" || t == "(":
			at = m.closing(at)
		default:
			return at
		}
	}
	return at
}

// closing returns the index after the bracket that closes the one at a token.
func (m matcher) closing(at int) int {
	depth := 0
	for ; at < len(m.tokens); at++ {
		switch t := m.tokens[at].text; {
		case strings.Contains("([{", t):
			depth++
		case strings.Contains(")]}", t):
			if depth--; depth == 0 {
				return at + 1
			}
		}
	}
	return at
}

// before returns the index of the first token of the operand that ends before a token, or, if wide,
// of all that is on the same level before it.
func (m matcher) before(end int, wide bool) int {
	at, complete := end, false
	for at > 0 {
		t := m.tokens[at-1]
		switch {
		case strings.Contains(")]}", t.text):
			if complete && !wide {
				return at
			}
			at = m.opening(at - 1)
			// a word before the bracket is called or indexed
			complete = at == 0 || !m.tokens[at-1].isWord() && !strings.Contains(")]", m.tokens[at-1].text)
		case wide:
			if t.text == "," || strings.Contains("([{", t.text) {
				return at
			}
			at--
		case t.isWord() || t.isLiteral():
			if complete {
				return at
			}
			at--
			complete = true
		case (t.text == "." || t.text == "?.") && complete && at < end && m.tokens[at].isWord():
			at--
			complete = false
		default:
			return at
		}
	}
	return at
}

// opening returns the index of the bracket that is closed by the one at a token.
func (m matcher) opening(at int) int {
	depth := 0
	for ; at >= 0; at-- {
		switch t := m.tokens[at].text; {
		case strings.Contains(")]}", t):
			depth++
		case strings.Contains("([{", t):
			if depth--; depth == 0 {
				return at
			}
		}
	}
	return 0
}
