package lsp

import (
	"slices"
	"strings"
)

// openBrackets describes the brackets and quotes in the source of an unfinished expression.
type openBrackets struct {
	open   []bracket   // unclosed brackets, the outermost first
	pairs  map[int]int // the offset of each opening bracket, by that of the closing one
	quoted bool        // the source ends inside a text in quotes
}

// A bracket is the offset of an opening bracket and that of the first comma inside it, or 0 if
// there is none.
type bracket struct{ at, comma int }

func scan(source string) openBrackets {
	s := openBrackets{pairs: map[int]int{}}
	for i := 0; i < len(source); i++ {
		switch c := source[i]; c {
		case '"', '\'', '`':
			end := i + 1
			for end < len(source) && source[end] != c {
				if source[end] == '\\' && c != '`' {
					end++
				}
				end++
			}
			if i = end; end >= len(source) {
				s.quoted = true
			}
		case '(', '[', '{':
			s.open = append(s.open, bracket{at: i})
		case ')', ']', '}':
			if last := len(s.open) - 1; last >= 0 {
				s.pairs[i] = s.open[last].at
				s.open = s.open[:last]
			}
		case ',':
			if last := len(s.open) - 1; last >= 0 && s.open[last].comma == 0 {
				s.open[last].comma = i
			}
		}
	}
	return s
}

// startOfPath returns the start of the path at the end of a source, including its calls and
// brackets.
func startOfPath(source string) int {
	pairs := scan(source).pairs
	at := len(source)
	for at > 0 {
		c := source[at-1]
		open, closes := pairs[at-1]
		switch {
		case closes:
			at = open
		case isLetter(c) || c == '.' || c == '#' || c == '?' && at < len(source) && (source[at] == '.' || source[at] == '['):
			at--
		default:
			return at
		}
	}
	return 0
}

// closures are the functions whose first argument is a list and in which # is an element of it.
var closures = []string{"filter", "map", "any", "all", "one", "none", "count", "find", "sum"}

// closureAround returns the list whose element # is at the end of a source: that of filter(list, … and of
// list | filter(….
func closureAround(source string) (list string, ok bool) {
	open := scan(source).open
	for i, b := range slices.Backward(open) {
		from := b.at
		for from > 0 && isLetter(source[from-1]) {
			from--
		}
		if source[b.at] != '(' || !slices.Contains(closures, source[from:b.at]) {
			continue
		}
		if b.comma > 0 {
			return strings.TrimSpace(source[b.at+1 : b.comma]), true
		}
		start := 0
		if i > 0 {
			start = max(open[i-1].at, open[i-1].comma) + 1
		}
		before, piped := strings.CutSuffix(strings.TrimRight(source[start:from], " "), "|")
		if piped && !strings.HasSuffix(before, "|") {
			return strings.TrimSpace(before), true
		}
	}
	return "", false
}
