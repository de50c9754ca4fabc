package definition

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"errand/engine/diag"
)

// A source is the text of a file without its byte order mark, and an index of positions.
type source struct {
	file  string
	text  string
	marks []mark
}

// A mark maps a position (line and column) to a byte offset. There is a mark at the start of each
// line and, in a long line, every markEvery bytes. So a lookup is fast even if the file is a single
// line.
type mark struct {
	diag.Position
	offset int
}

const markEvery = 256

func newSource(file string, text []byte) *source {
	s := &source{file: file, text: strings.TrimPrefix(string(text), "\ufeff")}
	at := mark{Position: diag.Position{Line: 1, Column: 1}}
	s.marks = append(make([]mark, 0, 1+strings.Count(s.text, "\n")+len(s.text)/markEvery), at)
	last := 0
	for i := range len(s.text) {
		switch b := s.text[i]; {
		case b == '\n':
			at.Line, at.Column, at.offset, last = at.Line+1, 1, i+1, i+1
			s.marks = append(s.marks, at)
			continue
		case utf8.RuneStart(b) && i-last >= markEvery:
			at.offset, last = i, i
			s.marks = append(s.marks, at)
		}
		if next := i + 1; next == len(s.text) || utf8.RuneStart(s.text[next]) {
			at.Column++
		}
	}
	return s
}

// position returns the line and the column of a byte offset.
func (s *source) position(offset int) diag.Position {
	offset = min(max(offset, 0), len(s.text))
	i, found := slices.BinarySearchFunc(s.marks, offset, func(m mark, o int) int { return cmp.Compare(m.offset, o) })
	if !found {
		i--
	}
	at := s.marks[i].Position
	at.Column += utf8.RuneCountInString(s.text[s.marks[i].offset:offset])
	return at
}

// offset is the inverse of position. A column after the end of its line maps to that end.
func (s *source) offset(at diag.Position) int {
	i, found := slices.BinarySearchFunc(s.marks, at, func(m mark, p diag.Position) int {
		return cmp.Or(cmp.Compare(m.Line, p.Line), cmp.Compare(m.Column, p.Column))
	})
	if !found {
		i--
	}
	if i < 0 {
		return 0
	}
	offset := s.marks[i].offset
	for column := s.marks[i].Column; column < at.Column && offset < len(s.text) && s.text[offset] != '\n'; column++ {
		_, size := utf8.DecodeRuneInString(s.text[offset:])
		offset += size
	}
	return offset
}

// span returns a range of byte offsets as lines and columns.
func (s *source) span(from, to int) diag.Range {
	return diag.Range{File: s.file, Start: s.position(from), End: s.position(to)}
}

// line returns the text of a line without its line break, and the offset of its start. Lines are
// counted from 1.
func (s *source) line(n int) (text string, start int) {
	start = s.offset(diag.Position{Line: n, Column: 1})
	return s.restOfLine(start), start
}

// restOfLine returns the text from an offset to the end of its line.
func (s *source) restOfLine(offset int) string {
	rest := s.text[min(offset, len(s.text)):]
	if before, _, ok := strings.Cut(rest, "\n"); ok {
		return strings.TrimSuffix(before, "\r")
	}
	return rest
}

// lines returns the number of lines.
func (s *source) lines() int { return s.marks[len(s.marks)-1].Line }
