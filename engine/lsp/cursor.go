package lsp

import "strings"

// A cursor is a place in an outline: in a key, at a place for a key, or in a value.
type cursor struct {
	at     int
	inside *entry // the parent of the key, or the entry whose value it is
	entry  *entry // the key or word that the cursor is in, if any
	value  bool   // in the value of inside
	from   int    // the start of what completion replaces: the key or the value
	to     int
}

// cursor returns the cursor at a place, or nil in a comment.
func (o *outline) cursor(at int) *cursor {
	start := strings.LastIndexByte(o.text[:at], '\n') + 1
	var last *entry // the last entry that begins before the place
	for _, e := range o.all {
		if e.from > at {
			break
		}
		last = e
	}
	for e := last; e != nil && e.kind != aRoot; e = e.parent {
		switch {
		case at <= e.keyTo && (e.kind == aKey || e.kind == aWord):
			return &cursor{at: at, inside: e.parent, entry: e, from: e.from, to: e.keyTo}
		case at > e.valueTo && (e.from < start || e.flow != 0) && !o.bracketsHold(e, at):
			if e.valueTo >= start && e.flow == 0 && strings.Contains(o.text[e.valueTo:at], "#") {
				return nil
			}
			continue
		case len(e.children) == 0 && (e.kind == aKey && at > e.keyTo || e.kind == anItem && at >= e.valueFrom) && at >= start:
			return o.inValue(e, at)
		case len(e.children) > 0 && e.valueFrom <= at && o.bracketsHold(e, at):
			return o.inBrackets(e, at)
		}
	}
	return o.between(last, start, at)
}

func (o *outline) inValue(e *entry, at int) *cursor {
	if at > e.valueTo {
		rest := o.text[e.valueTo:at]
		if strings.ContainsAny(rest, "#") {
			return nil
		}
		if e.valueFrom < e.valueTo && !e.block {
			return &cursor{at: at, inside: e, value: true, from: at, to: at}
		}
	}
	if value := o.text[e.valueFrom:e.valueTo]; value != "" && (value[0] == '{' || value[0] == '[') && at > e.valueFrom {
		return o.inBrackets(e, at)
	}
	return &cursor{at: at, inside: e, value: true, from: min(at, e.valueFrom), to: max(at, e.valueTo)}
}

// bracketsHold reports whether a place is inside brackets that are the value of an entry. The
// brackets may be unclosed.
func (o *outline) bracketsHold(e *entry, at int) bool {
	if e.valueFrom >= e.valueTo || o.text[e.valueFrom] != '{' && o.text[e.valueFrom] != '[' || at <= e.valueFrom {
		return false
	}
	last := o.text[e.valueTo-1]
	return at < e.valueTo || at == e.valueTo && (last != '}' && last != ']' || e.valueTo == e.valueFrom+1)
}

// inBrackets returns the cursor at an empty place in brackets.
func (o *outline) inBrackets(e *entry, at int) *cursor {
	return &cursor{at: at, inside: e, value: o.text[e.valueFrom] == '[', from: at, to: at}
}

// between returns the cursor at an empty place. Its column determines the parent.
func (o *outline) between(last *entry, start, at int) *cursor {
	line := o.text[start:at]
	if strings.Contains(line, "#") {
		return nil
	}
	e, column := last, at-start
	// after an entry on the same line
	if strings.TrimLeft(line, " ") != "" && last != nil && last.from >= start {
		e, column = last, last.column+1
	}
	for e != nil && e.kind != aRoot && e.column >= column {
		e = e.parent
	}
	if e == nil {
		e = o.root
	}
	return &cursor{at: at, inside: e, from: at, to: at}
}
