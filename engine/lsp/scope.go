package lsp

import (
	"slices"
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
)

// An expressionAt is the expression around a place, which may be incomplete.
type expressionAt struct {
	from, to int  // the source in the text, up to }} or the end of the line
	closed   bool // there is a }}
	bare     bool // the value of `if` or `until`, without ${{ }}
}

// expressionAt returns the expression around a place in a value, or nil if there is none.
func (o *outline) expressionAt(c *cursor) *expressionAt {
	if c == nil || !c.value {
		return nil
	}
	e := c.inside
	if e.kind == aKey && (e.key == "if" || e.key == "until") && e.parent.kind != aRoot && !within(e, "with") {
		if strings.Contains(o.text[e.valueFrom:max(e.valueFrom, c.at)], "${{") {
			return o.template(e, c.at)
		}
		x := &expressionAt{from: min(e.valueFrom, c.at), to: max(e.valueTo, c.at), closed: true, bare: true}
		if x.from < x.to && (o.text[x.from] == '"' || o.text[x.from] == '\'') {
			x.from++
			if x.to > x.from && o.text[x.to-1] == o.text[x.from-1] {
				x.to--
			}
		}
		if c.at < x.from || c.at > x.to { // outside the quotes
			return nil
		}
		return x
	}
	return o.template(e, c.at)
}

func within(e *entry, key string) bool {
	for ; e != nil; e = e.parent {
		if e.kind == aKey && e.key == key {
			return true
		}
	}
	return false
}

// template finds the ${{ before a place in a value.
func (o *outline) template(e *entry, at int) *expressionAt {
	before := o.text[min(e.valueFrom, at):at]
	open := strings.LastIndex(before, "${{")
	if open < 0 || open > 0 && before[open-1] == '$' || strings.Contains(before[open:], "}}") {
		return nil
	}
	x := &expressionAt{from: min(e.valueFrom, at) + open + 3, to: at}
	rest := o.text[at:]
	if i := strings.IndexByte(rest, '\n'); i >= 0 {
		rest = strings.TrimRight(rest[:i], "\r")
	}
	end := strings.Index(rest, "}}")
	if next := strings.Index(rest, "${{"); end >= 0 && (next < 0 || end < next) {
		x.to, x.closed = at+end, true
	} else {
		x.to = at + len(rest)
	}
	return x
}

// standIn replaces an unfinished expression. It can be parsed, and is valid in every definition.
const standIn = `request.id`

// visibleNames returns the names that an expression may use at a place, even if the text is broken
// there: it checks the text with another expression instead of the unfinished one. It fails if no
// such text can be checked.
func (c *connection) visibleNames(d *document, o *outline, at *cursor, x *expressionAt) (scope expression.Scope, ok bool) {
	return c.scopeOf(d, patches(o, at.inside, x))
}

// visibleNamesInValue returns the names that an expression may use instead of a value.
func (c *connection) visibleNamesInValue(d *document, o *outline, at *cursor) (scope expression.Scope, ok bool) {
	from, to := o.replacedSpan(at)
	open, closing := ` "${{ `, ` }}"`
	var all []patch
	for _, more := range []string{"", closers(at.inside)} {
		all = append(all, patch{o.text[:from] + open + standIn + closing + more + o.text[to:], from + len(open)})
	}
	return c.scopeOf(d, all)
}

// scopeOf returns the scope of the stand-in, from the first text that can be parsed.
func (c *connection) scopeOf(d *document, patches []patch) (scope expression.Scope, ok bool) {
	for _, patched := range patches {
		text := patched.text
		for range mostRepairs {
			var problems []diag.Problem
			if scope, problems, ok = c.scopeAt(d, text, patched.at); ok {
				return scope, true
			}
			if text, ok = withoutBroken(text, problems, patched.at); !ok {
				break
			}
		}
	}
	return scope, false
}

// mostRepairs is the maximum number of other broken lines.
const mostRepairs = 4

// A patch is a text with a stand-in and the offset of the stand-in.
type patch struct {
	text string
	at   int
}

// patches returns texts in which open quotes and brackets are closed, the one with the least change
// first.
func patches(o *outline, e *entry, x *expressionAt) []patch {
	put := func(from, to int, before, after string) patch {
		return patch{o.text[:from] + before + standIn + after + o.text[to:], from + len(before)}
	}
	var all []patch
	switch {
	case x.bare:
		all = append(all, put(x.from, x.to, "", ""))
	case x.closed:
		all = append(all, put(x.from, x.to, " ", " "))
	default:
		quote := ""
		if first := o.text[e.valueFrom]; first == '"' || first == '\'' {
			quote = string(first)
		}
		all = append(all, put(x.from, x.to, " ", " }}"+quote+closers(e)))
	}
	open, closing := `"${{ `, ` }}"`
	if x.bare {
		open, closing = "", ""
	}
	end := x.to
	if x.closed && !x.bare {
		end += len("}}")
	}
	line := len(o.text)
	if i := strings.IndexByte(o.text[end:], '\n'); i >= 0 {
		line = end + i
	}
	from := min(e.valueFrom, x.from)
	return append(all, put(from, max(end, e.valueTo), open, closing), put(from, line, open, closing+closers(e)))
}

// closers returns the missing closing brackets around an entry.
func closers(e *entry) string {
	var text strings.Builder
	for ; e != nil && e.flow != 0; e = e.parent {
		text.WriteString(string(e.flow))
	}
	return text.String()
}

// scopeAt checks a text and returns the scope of the expression at an offset.
func (c *connection) scopeAt(d *document, text string, at int) (scope expression.Scope, problems []diag.Problem, found bool) {
	patched := newDocument(d.uri, d.version, text, d.utf8)
	problems = c.observe(d, text, func(e *definition.Expression, s expression.Scope) {
		if !found && e.Source == standIn && patched.at(e.Range.Start) == at {
			scope, found = copyScope(s), true
		}
	})
	return scope, problems, found
}

// copyScope returns a copy of a scope. The check changes its own scope later.
func copyScope(s expression.Scope) expression.Scope {
	s.Roots, s.Proofs = slices.Clone(s.Roots), slices.Clone(s.Proofs)
	for i := range s.Roots {
		s.Roots[i].Type.Fields = slices.Clone(s.Roots[i].Type.Fields)
	}
	return s
}

// withoutBroken removes a line that is not valid YAML, unless it is the one at an offset.
func withoutBroken(text string, problems []diag.Problem, keep int) (string, bool) {
	d := newDocument("", 0, text, true)
	for _, p := range problems {
		if p.Rule != "yaml-syntax" && p.Rule != "comment-cut" {
			continue
		}
		n := d.position(d.at(p.Range.Start)).Line
		from, to := d.lines[n], d.lines[n]+len(d.line(n))
		if from == to || from <= keep && keep <= to {
			continue
		}
		return text[:from] + strings.Repeat(" ", to-from) + text[to:], true
	}
	return text, false
}
