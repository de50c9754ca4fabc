package lsp

import (
	"strings"

	"errand/engine/expression"
	"errand/engine/schema"
)

// completeExpression proposes names in an expression: after a dot the members of what stands before it, else all that is visible there.
func (c *connection) completeExpression(d *document, o *outline, at *cursor, x *expressionAt) (list []proposal, from, to int) {
	before := o.text[x.from:at.at]
	if scan(before).quoted {
		return nil, at.at, at.at
	}
	scope, ok := c.visible(d, o, at, x)
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

// roots proposes all that an expression can begin with: the names that are visible, then functions.
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

// typeBefore is the type of what stands at the end of a source, before a dot.
func typeBefore(source string, scope expression.Scope) (schema.Type, bool) {
	at := startOfPath(source)
	path, around := source[at:], source[:at]
	if path != "" && path[0] != '#' {
		return typeOf(path, scope)
	}
	// An element is seen through its list: in a closure .name is the same as #.name.
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

// typeOf is the type of a whole source.
func typeOf(source string, scope expression.Scope) (schema.Type, bool) {
	source = strings.TrimSpace(source)
	for _, p := range expression.Parts(source, scope) {
		if p.From == 0 && p.To == len(source) {
			return p.Type, true
		}
	}
	return schema.Type{}, false
}
