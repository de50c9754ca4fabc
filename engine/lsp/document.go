package lsp

import (
	"slices"
	"strings"
	"unicode/utf8"

	"errand/engine/diag"
)

// A document is one version of a text that is open in the editor. It is immutable.
type document struct {
	uri     string
	file    string // its path with slashes, for messages and to find workflows in its folder
	version int
	text    string
	lines   []int // the offset of each line; a line ends with LF, CRLF or CR
	breaks  []int // the offset of each line in package diag, where only LF ends a line
	utf8    bool  // characters are counted in bytes, not in units of UTF-16
}

func newDocument(uri string, version int, text string, inBytes bool) *document {
	d := &document{uri: uri, file: fileOf(uri), version: version, text: text, utf8: inBytes, lines: []int{0}, breaks: []int{0}}
	for i := range len(text) {
		switch {
		case text[i] == '\n':
			d.lines, d.breaks = append(d.lines, i+1), append(d.breaks, i+1)
		case text[i] == '\r' && !strings.HasPrefix(text[i+1:], "\n"):
			d.lines = append(d.lines, i+1)
		}
	}
	return d
}

// afterChanges returns the document after changes, made one after the other.
func (d *document) afterChanges(version int, changes []change) *document {
	for _, c := range changes {
		text := c.Text
		if c.Range != nil {
			from := d.offset(c.Range.Start)
			text = d.text[:from] + c.Text + d.text[max(from, d.offset(c.Range.End)):]
		}
		d = newDocument(d.uri, version, text, d.utf8)
	}
	if d.version != version {
		d = newDocument(d.uri, version, d.text, d.utf8)
	}
	return d
}

// line returns a line, counted from 0, without its end, or "" if there is none.
func (d *document) line(n int) string {
	if n < 0 || n >= len(d.lines) {
		return ""
	}
	end := len(d.text)
	if n+1 < len(d.lines) {
		end = d.lines[n+1]
	}
	return strings.TrimRight(d.text[d.lines[n]:end], "\r\n")
}

// offset converts a position to a byte offset in the text. A position after the end of a line is
// moved to that end, a position inside a character to its start.
func (d *document) offset(p position) int {
	switch {
	case p.Line < 0:
		return 0
	case p.Line >= len(d.lines):
		return len(d.text)
	}
	at, line := d.lines[p.Line], d.line(p.Line)
	if d.utf8 {
		n := min(max(p.Character, 0), len(line))
		for n > 0 && n < len(line) && !utf8.RuneStart(line[n]) {
			n--
		}
		return at + n
	}
	units := 0
	for i, c := range line {
		if units += unitsOf(c); units > p.Character {
			return at + i
		}
	}
	return at + len(line)
}

// position is the inverse of offset.
func (d *document) position(offset int) position {
	offset = min(max(offset, 0), len(d.text))
	n, found := slices.BinarySearch(d.lines, offset)
	if !found {
		n--
	}
	head := d.text[d.lines[n]:offset]
	if d.utf8 {
		return position{n, len(head)}
	}
	units := 0
	for _, c := range head {
		units += unitsOf(c)
	}
	return position{n, units}
}

func unitsOf(c rune) int {
	if c > 0xFFFF {
		return 2
	}
	return 1
}

func (d *document) span(from, to int) span { return span{d.position(from), d.position(to)} }

const byteOrderMark = "\ufeff"

// at converts a position of package diag to a byte offset in the text. For diag, a byte order mark
// is not a character.
func (d *document) at(p diag.Position) int {
	n := min(max(p.Line-1, 0), len(d.breaks)-1)
	offset := d.breaks[n]
	if n == 0 && strings.HasPrefix(d.text, byteOrderMark) {
		offset = len(byteOrderMark)
	}
	for column := 1; column < p.Column && offset < len(d.text) && d.text[offset] != '\n'; column++ {
		_, size := utf8.DecodeRuneInString(d.text[offset:])
		offset += size
	}
	return offset
}

// place is the inverse of at.
func (d *document) place(offset int) diag.Position {
	offset = min(max(offset, 0), len(d.text))
	n, found := slices.BinarySearch(d.breaks, offset)
	if !found {
		n--
	}
	head := d.text[d.breaks[n]:offset]
	return diag.Position{Line: n + 1, Column: 1 + utf8.RuneCountInString(strings.TrimPrefix(head, byteOrderMark))}
}

// extent converts a range of package diag. A range without an end is empty; one without a start
// begins at the start of the text.
func (d *document) extent(r diag.Range) span {
	from := d.at(r.Start)
	return d.span(from, max(from, d.at(r.End)))
}

func earlier(a, b diag.Position) bool {
	return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
}
