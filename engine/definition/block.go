package definition

import (
	"slices"
	"strings"
)

// block follows a literal (|) or folded (>) scalar from its indicator. It goes the way of the parser itself, since the rules of
// folding are best said as that loop: a line break between two lines that both start without a blank becomes a space, unless
// empty lines stand between.
func (s *scalar) block(start int, folded bool) (end int, ok bool) {
	header := strings.IndexByte(s.text[start:], '\n')
	if header < 0 {
		return len(s.text), s.value == ""
	}
	at := start + header + 1
	indent := s.indent(at)
	end = breakStart(s.text, at-1)

	var leading stretch // the line break of the line before
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
		leading = stretch{end, feed + 1}
		at, inside, trailing = s.emptyLines(feed+1, indent)
	}
	if leading.to > 0 {
		trailing = slices.Insert(trailing, 0, leading)
	}
	rest := len(s.value) - s.done // what chomping left of the line breaks at the end
	return end, rest <= len(trailing) && s.breaks(trailing[:rest])
}

// emptyLines skips empty lines and the indentation of the next one, and returns the line breaks on
// the way. Inside reports whether that next line belongs to the scalar.
func (s *scalar) emptyLines(at, indent int) (next int, inside bool, breaks []stretch) {
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
		breaks = append(breaks, stretch{at, feed + 1})
		at = feed + 1
	}
}

// indent finds how far the content is indented: by as much as the first line that has a letter is indented further in the source
// than in the value. That holds with and without an indentation indicator.
func (s *scalar) indent(at int) int {
	inSource, ok := firstIndent(s.text[at:])
	inValue, found := firstIndent(s.value)
	if !ok || !found {
		return len(s.text) // there are only empty lines
	}
	return inSource - inValue
}

// firstIndent counts the spaces in front of the first line that has anything but spaces.
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
