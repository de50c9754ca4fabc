package definition

import (
	"strings"
	"sync/atomic"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
)

// A placement records where a text was written, to find the position of a piece of it. An offset in
// the value is not an offset in the file, because YAML folds lines, removes indentation and
// replaces escapes. Most texts are never asked for positions, and most of the others have the same
// bytes in the source as in the value. Only for the rest does mapBytes compute a position for each
// byte, at the first question.
type placement struct {
	source *source
	start  int // byte offset of the first character, after the anchor and the tag
	style  yaml.Style
	bytes  atomic.Pointer[byteMap]
}

// A byteMap maps each byte of a value to the source. It has no places if the scanner cannot derive
// the value from the source.
type byteMap struct {
	places []byteRange
	end    int
}

// verbatimOffset returns the offset in the source at which the same bytes as in the value stand, or
// -1.
func (p *placement) verbatimOffset(value string) int {
	at := p.start
	switch {
	case p.style&yaml.DoubleQuotedStyle != 0 && strings.IndexByte(value, '\\') < 0:
		at++
	case p.style&yaml.SingleQuotedStyle != 0 && strings.IndexByte(value, '\'') < 0:
		at++
	case !plain(p.style):
		return -1
	}
	if at > len(p.source.text) || !strings.HasPrefix(p.source.text[at:], value) || strings.IndexByte(value, '\n') >= 0 {
		return -1
	}
	return at
}

func (p *placement) mapBytes(value string) *byteMap {
	w := p.bytes.Load()
	if w == nil {
		s := scalar{text: p.source.text, value: value, record: true, places: make([]byteRange, 0, len(value))}
		w = &byteMap{}
		if end, ok := s.scan(p.start, p.style); ok {
			w.places, w.end = s.places, end
		}
		p.bytes.Store(w) // two concurrent calls store the same result
	}
	return w
}

// Span returns the source range of a piece of the value, given in byte offsets, for any style of
// scalar. An empty piece has an empty range. If the text was not written in a source, Span returns
// the zero range. If the scanner cannot derive the value from the source, Span returns the range of
// the whole scalar.
func (t Text) Span(from, to int) diag.Range {
	p := t.place
	if p == nil {
		return t.Range
	}
	from = min(max(from, 0), len(t.Value))
	to = min(max(to, from), len(t.Value))
	if at := p.verbatimOffset(t.Value); at >= 0 {
		return p.source.span(at+from, at+to)
	}
	w := p.mapBytes(t.Value)
	if len(w.places) != len(t.Value) {
		return t.Range
	}
	first := w.end
	switch {
	case from < len(t.Value):
		first = w.places[from].from
	case from > 0:
		first = w.places[from-1].to
	}
	last := first
	if to > from {
		last = w.places[to-1].to
	}
	return p.source.span(first, last)
}

// plain reports whether a scalar was written without quotes and not as a block.
func plain(style yaml.Style) bool {
	return style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
}
