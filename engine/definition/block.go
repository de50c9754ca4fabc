package definition

import (
	"slices"
	"strings"
)

// block follows a literal (|) or folded (>) scalar from its indicator. It repeats the loop of the
// YAML parser, because that loop is the shortest statement of the rules of folding: a line break
// between two lines that both start without a blank becomes a space, unless there are empty lines
// between them.
func (s *scalar) block(start int, folded bool) (end int, ok bool) {
	header := strings.IndexByte(s.text[start:], '\n')
	if header < 0 {
		return len(s.text), s.value == ""
	}
	at := start + header + 1
	indent := s.indent(at)
	end = breakStart(s.text, at-1)

	var leading byteRange // the line break at the end of the line before
	wasBlank := false
	at, inside, trailing := s.emptyLines(at, indent)
	for inside {
		isBlank := s.text[at] == ' ' || s.text[at] == '\t'
		join := "\n"
		if folded && !wasBlank && !isBlank {
			if join = ""; len(trailing) == 0 {
				join = " "
			}
		}
		if leading.to > 0 && !s.emit(join, leading.from, leading.to) || !s.breaks(trailing) {
			return end, false
		}
		wasBlank = isBlank

		feed := strings.IndexByte(s.text[at:], '\n')
		if feed < 0 {
			end = len(s.text)
			return end, s.copy(at, end)
		}
		feed += at
		if end = breakStart(s.text, feed); !s.copy(at, end) {
			return end, false
		}
		leading = byteRange{end, feed + 1}
		at, inside, trailing = s.emptyLines(feed+1, indent)
	}
	if leading.to > 0 {
		trailing = slices.Insert(trailing, 0, leading)
	}
	rest := len(s.value) - s.done // the line breaks at the end that chomping kept
	return end, rest <= len(trailing) && s.breaks(trailing[:rest])
}

// emptyLines skips empty lines and the indentation of the next line. It returns the line breaks
// that it passed. inside reports whether the next line belongs to the scalar.
func (s *scalar) emptyLines(at, indent int) (next int, inside bool, breaks []byteRange) {
	for {
		column := 0
		for ; column < indent && at < len(s.text) && s.text[at] == ' '; column++ {
			at++
		}
		feed := at
		if feed < len(s.text) && s.text[feed] == '\r' {
			feed++
		}
		if feed >= len(s.text) || s.text[feed] != '\n' {
			return at, column == indent && at < len(s.text), breaks
		}
		breaks = append(breaks, byteRange{at, feed + 1})
		at = feed + 1
	}
}

// indent returns the indentation of the content. It compares the first line that is not blank in
// the source and in the value: the difference is the indentation, with or without an indentation
// indicator.
func (s *scalar) indent(at int) int {
	inSource, ok := firstIndent(s.text[at:])
	inValue, found := firstIndent(s.value)
	if !ok || !found {
		return len(s.text) // there are only empty lines
	}
	return inSource - inValue
}

// firstIndent counts the spaces at the start of the first line that is not blank.
func firstIndent(text string) (spaces int, ok bool) {
	for i := range len(text) {
		switch text[i] {
		case ' ':
			spaces++
		case '\n':
			spaces = 0
		case '\r':
		default:
			return spaces, true
		}
	}
	return 0, false
}
