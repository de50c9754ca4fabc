package lsp

import "strings"

// brackets reads a mapping or list in brackets from an offset, at most to another offset. It
// returns the end.
func (o *outline) brackets(parent *entry, from, until int) int {
	closing := byte('}')
	if o.text[from] == '[' {
		closing = ']'
	}
	at := from + 1
	for at < until {
		switch c := o.text[at]; {
		case c == closing:
			return at + 1
		case c == '}' || c == ']': // it closes other brackets
			return at
		case c == ',' || c == ' ' || c == '\n' || c == '\r':
			at++
		default:
			at = o.element(parent, at, until, closing)
		}
	}
	return until
}

// element reads an entry inside brackets.
func (o *outline) element(parent *entry, from, until int, closing byte) int {
	e := &entry{kind: aWord, from: from, column: parent.column, flow: closing}
	at := o.piece(from, until, closing == '}')
	e.keyTo = trim(o.text, from, at)
	e.valueFrom, e.valueTo = e.keyTo, e.keyTo
	if closing == ']' {
		e.kind, e.keyTo, e.valueFrom = anItem, from, from
	} else if at < until && o.text[at] == ':' {
		e.kind, e.key = aKey, strings.Trim(o.text[from:e.keyTo], `"'`)
		for at++; at < until && o.text[at] == ' '; at++ {
		}
		e.valueFrom = at
		at = o.piece(at, until, false)
		e.valueTo = trim(o.text, e.valueFrom, at)
	}
	o.add(parent, e)
	if e.kind != aWord && e.valueFrom < e.valueTo && (o.text[e.valueFrom] == '{' || o.text[e.valueFrom] == '[') {
		at = o.brackets(e, e.valueFrom, until)
		e.valueTo = at
	}
	return max(at, from+1)
}

// piece returns the end of the piece that begins at an offset: a text in quotes, an expression, or
// the text before a comma or a bracket. A key ends at its colon.
func (o *outline) piece(at, until int, key bool) int {
	if at < until && (o.text[at] == '{' || o.text[at] == '[') {
		return at + 1 // the caller continues here
	}
	quote := byte(0)
	if at < until && (o.text[at] == '"' || o.text[at] == '\'') {
		quote = o.text[at]
		at++
	}
	for ; at < until; at++ {
		c := o.text[at]
		switch {
		case quote != 0 && c == '\\' && quote == '"':
			at++
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0 && c == '\n':
			return at // the quote is probably not closed
		case quote != 0:
		case key && c == ':' && (at+1 == until || strings.IndexByte(" \n\r", o.text[at+1]) >= 0):
			return at
		case c == ',' || c == '}' || c == ']' || c == '\n':
			return at
		}
	}
	return min(at, until)
}

func trim(text string, from, to int) int {
	for to > from && strings.IndexByte(" \r\n\t", text[to-1]) >= 0 {
		to--
	}
	return to
}
