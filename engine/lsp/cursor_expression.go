package lsp

import (
	"errand/engine/definition"
	"errand/engine/expression"
)

// A cursorExpression is the expression at the cursor, with the names that are visible in it.
type cursorExpression struct {
	source string
	scope  expression.Scope
	offset int // of the cursor, in the source
	result func(text string, from, to int) any
}

// cursorExpression returns the expression at a place. Its source is that of the parsed definition,
// or the text itself if the definition cannot be parsed.
func (c *connection) cursorExpression(d *document, o *outline, at *cursor, x *expressionAt) *cursorExpression {
	place := d.place(at.at)
	var h *cursorExpression
	c.observe(d, d.text, func(e *definition.Expression, scope expression.Scope) {
		inside := !earlier(place, e.Range.Start) && !earlier(e.Range.End, place)
		if h != nil || !inside {
			return
		}
		h = &cursorExpression{source: e.Source, scope: copyScope(scope), offset: offsetIn(e, d, at.at)}
		h.result = func(text string, from, to int) any {
			extent := d.extent(e.Span(from, to))
			return hoverResult{Contents: markdown(text), Range: &extent}
		}
	})
	if h != nil {
		return h
	}
	scope, ok := c.visibleNames(d, o, at, x)
	if !ok {
		return nil
	}
	return &cursorExpression{source: d.text[x.from:x.to], scope: scope, offset: at.at - x.from, result: func(text string, from, to int) any {
		extent := d.span(x.from+from, x.from+to)
		return hoverResult{Contents: markdown(text), Range: &extent}
	}}
}

// offsetIn converts an offset in the text to an offset in the source of an expression.
func offsetIn(e *definition.Expression, d *document, at int) int {
	for i := range e.Source {
		if d.at(e.Span(i, i+1).End) > at {
			return i
		}
	}
	return len(e.Source)
}

// part returns the smallest part of the source at the cursor.
func (h *cursorExpression) part() (best expression.Part, ok bool) {
	for _, p := range expression.Parts(h.source, h.scope) {
		if p.From <= h.offset && h.offset <= p.To && (!ok || p.To-p.From <= best.To-best.From) {
			best, ok = p, true
		}
	}
	return best, ok
}

func (h *cursorExpression) names() []expression.Name {
	names, _ := expression.Names(h.source) // none if the source cannot be parsed
	return names
}

// function returns the function whose name is at the cursor, or nil.
func (h *cursorExpression) function() (f *expression.Function, from, to int) {
	from, to = h.offset, h.offset
	for from > 0 && isLetter(h.source[from-1]) {
		from--
	}
	for to < len(h.source) && isLetter(h.source[to]) {
		to++
	}
	if to == len(h.source) || h.source[to] != '(' || from > 0 && h.source[from-1] == '.' {
		return nil, 0, 0
	}
	for _, f := range expression.Functions() {
		if f.Name == h.source[from:to] {
			return &f, from, to
		}
	}
	return nil, 0, 0
}

// isLetter reports whether a byte can be part of a name.
func isLetter(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 0x80
}
