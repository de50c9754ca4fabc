package lsp

import (
	"slices"
	"strings"
)

// A scanned is what brackets and quotes say about the source of an expression that is still being written.
type scanned struct {
	open   []bracket   // those that are not closed, the outermost first
	pairs  map[int]int // where each bracket was opened, by where it was closed
	quoted bool        // the source ends within a text in quotes
}

// A bracket is where one was opened, and the first comma within it; 0 where there is none.
type bracket struct{ at, comma int }

func scan(source string) scanned {
	s := scanned{pairs: map[int]int{}}
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

// startOfPath is where a path begins that ends with the source, with the calls and brackets in it.
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

// closures are the functions in which # is an element of the list that is their first argument.
var closures = []string{"filter", "map", "any", "all", "one", "none", "count", "find", "sum"}

// closureAround is the list whose element # stands for at the end of a source.
func closureAround(source string) (list string, ok bool) {
	for _, b := range slices.Backward(scan(source).open) {
		from := b.at
		for from > 0 && isLetter(source[from-1]) {
			from--
		}
		if source[b.at] == '(' && b.comma > 0 && slices.Contains(closures, source[from:b.at]) {
			return strings.TrimSpace(source[b.at+1 : b.comma]), true
		}
	}
	return "", false
}
