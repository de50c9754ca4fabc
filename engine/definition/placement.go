package definition

import (
	"strings"
	"sync/atomic"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
)

// A placement says where a text was written, so that a piece of it can be found again: YAML folds lines, drops indentation and
// reads escapes, so an offset in the value is not an offset in the file. Most texts are never asked, and most of those that are
// stand in the source as they are; only for the others is the way kept, from the first question on.
type placement struct {
	source *source
	start  int // byte offset of the first character, after an anchor and a tag
	style  yaml.Style
	way    atomic.Pointer[way]
}

// A way is where each byte of a value comes from. It has no places where the source does not yield the value.
type way struct {
	places []stretch
	end    int
}

// verbatim is where the text stands in the source just as its value is, or -1.
func (p *placement) verbatim(value string) int {
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

func (p *placement) follow(value string) *way {
	w := p.way.Load()
	if w == nil {
		s := scalar{text: p.source.text, value: value, record: true, places: make([]stretch, 0, len(value))}
		w = &way{}
		if end, ok := s.scan(p.start, p.style); ok {
			w.places, w.end = s.places, end
		}
		p.way.Store(w) // two at once compute the same
	}
	return w
}

// Span gives the place of a piece of the value, in byte offsets: in the source, whatever the style of the scalar. An empty piece
// has an empty range. Where the text was not written, Span is the zero range; where the source does not yield the value, it is
// the whole scalar.
func (t Text) Span(from, to int) diag.Range {
	p := t.place
	if p == nil {
		return t.Range
	}
	from = min(max(from, 0), len(t.Value))
	to = min(max(to, from), len(t.Value))
	if at := p.verbatim(t.Value); at >= 0 {
		return p.source.span(at+from, at+to)
	}
	w := p.follow(t.Value)
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
