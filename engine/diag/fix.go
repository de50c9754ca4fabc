package diag

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

var byteOrderMark = []byte("\ufeff")

// Offset returns the place of a position in a text, in bytes, and whether the text has such a line.
// A byte order mark does not count as a character of the first line. A column past the end of its
// line means the end of the line.
func Offset(text []byte, at Position) (int, bool) {
	if at.Line < 1 || at.Column < 1 {
		return 0, false
	}
	offset := 0
	if bytes.HasPrefix(text, byteOrderMark) {
		offset = len(byteOrderMark)
	}
	for range at.Line - 1 {
		next := bytes.IndexByte(text[offset:], '\n')
		if next < 0 {
			return 0, false
		}
		offset += next + 1
	}
	for column := 1; column < at.Column && offset < len(text) && text[offset] != '\n'; column++ {
		_, size := utf8.DecodeRune(text[offset:])
		offset += size
	}
	return offset, true
}

// Place is the reverse of Offset. If the offset is within a character, Place returns the position
// of that character.
func Place(text []byte, offset int) Position {
	head := bytes.TrimPrefix(text[:min(max(offset, 0), len(text))], byteOrderMark)
	at := Position{Line: 1 + bytes.Count(head, []byte("\n")), Column: 1}
	return Position{at.Line, at.Column + utf8.RuneCount(head[bytes.LastIndexByte(head, '\n')+1:])}
}

// Apply returns the text with the edit made. If the fix does not fit the text, it returns the text
// unchanged and false. Line breaks in the inserted text become those of the text.
func (f Fix) Apply(text []byte) ([]byte, bool) {
	made, _, ok := applyAll(text, []Fix{f})
	return made, ok
}

// An edit is a fix whose range is an interval of byte offsets.
type edit struct {
	from, to int
	with     []byte
}

func (f Fix) edit(text []byte) (edit, bool) {
	from, ok := Offset(text, f.Range.Start)
	to, ended := Offset(text, f.Range.End)
	if !ok || !ended || to < from {
		return edit{}, false
	}
	with := []byte(f.Text)
	if first := bytes.IndexByte(text, '\n'); first > 0 && text[first-1] == '\r' {
		with = bytes.ReplaceAll(bytes.ReplaceAll(with, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	}
	return edit{from, to, with}, true
}

// Touches reports whether the range meets the bytes from `from` to `to` of a text, or begins directly
// after them or ends directly before them.
func (r Range) Touches(text []byte, from, to int) bool {
	start, ok := Offset(text, r.Start)
	end, ended := Offset(text, r.End)
	return ok && ended && start <= to && end >= from
}

// A span is what an edit has written: lines, which count from 1 and include both ends, and bytes.
type span struct{ first, last, from, to int }

// Written returns what the fix writes in a text, as bytes of the result.
func (f Fix) Written(text []byte) (from, to int, ok bool) {
	e, ok := f.edit(text)
	return e.from, e.from + len(e.with), ok
}

// ApplyAll applies fixes at once. It fails if one does not fit the text or if two of them overlap.
func ApplyAll(text []byte, fixes []Fix) (made []byte, ok bool) {
	made, _, ok = applyAll(text, fixes)
	return made, ok
}

// applyAll makes edits that do not overlap, and returns which part of the result comes from each.
// It fails if an edit does not fit the text or if two of them overlap.
func applyAll(text []byte, fixes []Fix) (made []byte, lines []span, ok bool) {
	edits := make([]edit, 0, len(fixes))
	for _, f := range fixes {
		e, ok := f.edit(text)
		if !ok {
			return text, nil, false
		}
		edits = append(edits, e)
	}
	slices.SortStableFunc(edits, func(a, b edit) int { return a.from - b.from })
	done, line := 0, 1
	write := func(part []byte) {
		made = append(made, part...)
		line += bytes.Count(part, []byte("\n"))
	}
	for i, e := range edits {
		if i > 0 && e.from <= edits[i-1].from || e.from < done {
			return text, nil, false
		}
		write(text[done:e.from])
		first, from := line, len(made)
		write(e.with)
		lines = append(lines, span{first, line, from, len(made)})
		done = e.to
	}
	write(text[done:])
	return made, lines, true
}
