package lsp

import (
	"strings"

	"errand/engine/expression"
	"errand/engine/schema"
)

// completeExpression proposes names in an expression: after a dot, the members of the value before
// it; elsewhere, all visible names.
func (c *connection) completeExpression(d *document, o *outline, at *cursor, x *expressionAt) (list []proposal, from, to int) {
	before := o.text[x.from:at.at]
	if scan(before).quoted {
		return nil, at.at, at.at
	}
	scope, ok := c.visibleNames(d, o, at, x)
	if !ok {
		return nil, at.at, at.at
	}
	from, to = at.at, at.at
	for from > x.from && isLetter(o.text[from-1]) {
		from--
	}
	for to < x.to && isLetter(o.text[to]) {
		to++
	}
	before = o.text[x.from:from]
	base, dot := strings.CutSuffix(before, ".")
	if !dot {
		return roots(before, scope), from, to
	}
	base = strings.TrimSuffix(base, "?")
	t, ok := typeBefore(base, scope)
	if !ok {
		return nil, from, to
	}
	return membersOf(t), from, to
}

func membersOf(t schema.Type) []proposal {
	var list []proposal
	for _, f := range t.Fields {
		list = append(list, proposal{label: f.Name, kind: kindField, detail: f.Type.String(), text: f.Description})
	}
	return list
}

// roots proposes the beginnings of an expression: the visible names, then the functions.
func roots(before string, scope expression.Scope) []proposal {
	var list []proposal
	for _, f := range scope.Roots {
		list = append(list, proposal{label: f.Name, kind: kindVariable, detail: f.Type.String(), text: f.Description})
	}
	if _, inside := closureAround(before); inside {
		list = append(list, proposal{label: "#", kind: kindVariable, detail: "the element of the list"})
	}
	for _, f := range expression.Functions() {
		list = append(list, proposal{label: f.Name, insert: f.Name + "(", kind: kindFunction, detail: f.Signature, text: f.Doc, rank: 1})
	}
	return list
}

// typeBefore returns the type of the value at the end of a source, before a dot.
func typeBefore(source string, scope expression.Scope) (schema.Type, bool) {
	at := startOfPath(source)
	path, around := source[at:], source[:at]
	if path != "" && path[0] != '#' {
		return typeOf(path, scope)
	}
	// The list determines an element's type. In a closure .name is short for #.name.
	list, ok := closureAround(around)
	if !ok {
		return schema.Type{}, false
	}
	t, ok := typeOf("map("+list+", #"+strings.TrimPrefix(path, "#")+")", scope)
	if !ok || t.Items == nil {
		return schema.Type{}, false
	}
	return *t.Items, true
}

// typeOf returns the type of an expression.
func typeOf(source string, scope expression.Scope) (schema.Type, bool) {
	source = strings.TrimSpace(source)
	for _, p := range expression.Parts(source, scope) {
		if p.From == 0 && p.To == len(source) {
			return p.Type, true
		}
	}
	return schema.Type{}, false
}
