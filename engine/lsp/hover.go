package lsp

import (
	"context"
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
	"errand/engine/schema"
)

func (c *connection) hover(_ context.Context, p placeParams) (any, error) {
	d, err := c.document(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	if isTestCase(d) {
		return c.hoverTestCase(d, d.offset(p.Position)), nil
	}
	if d.isIntake() {
		return c.hoverIntake(d, d.offset(p.Position)), nil
	}
	o := newOutline(d.text)
	at := o.cursor(d.offset(p.Position))
	if at == nil || !o.isDefinition() {
		return nil, nil
	}
	if x := o.expressionAt(at); x != nil {
		return c.hoverExpression(d, o, at, x), nil
	}
	e := at.inside
	if !at.value {
		if e = at.entry; e == nil || e.kind != aKey || at.at > e.keyTo {
			return nil, nil
		}
	}
	text := c.explain(d, o, e, at.value)
	if text == "" {
		return nil, nil
	}
	extent := d.span(at.from, at.to)
	return hoverResult{Contents: markdown(text), Range: &extent}, nil
}

// explain returns the meaning of a key or its value, or "".
func (c *connection) explain(d *document, o *outline, e *entry, value bool) string {
	word := o.scalarText(e)
	around := e.parent
	if e.kind == anItem {
		return ""
	}
	switch step := c.grammar.isStep(around); {
	case step && value && e.key == definition.TaskForm:
		if t, ok := c.Registry.Lookup(word); ok {
			return taskText(t)
		}
	case step && value && e.key == definition.SubworkflowForm:
		if w := c.workflow(d, word); w != nil {
			return workflowText(word, w)
		}
	case around.kind == aKey && around.key == "with" && c.grammar.isStep(around.parent):
		if f, ok := c.callee(d, o, around.parent).field(e.key); ok {
			return fieldText(f)
		}
		return ""
	case c.grammar.isInput(e):
		return inputText(d, d.place(e.from))
	}
	r := c.grammar.of(around)
	if r == nil || r.Properties[e.key] == nil {
		return ""
	}
	return c.grammar.keyText(r, e.key)
}

// keyText returns the meaning of a key.
func (g *grammar) keyText(around *rule, key string) string {
	r := around.Properties[key]
	text := "`" + key + "`"
	if r.Description != "" {
		text += ": " + r.Description
	}
	if values := g.values(r); len(values) > 0 && len(values) <= 8 {
		text += "\n\nOne of `" + strings.Join(values, "`, `") + "`."
	}
	if target := g.follow(r); target != nil && target != r && target.Description != "" && target.Description != r.Description {
		text += "\n\n" + target.Description
	}
	return text
}

// inputText describes the input, or the member of an input, whose name is at a place.
func inputText(d *document, name diag.Position) string {
	parsed, _ := definition.Parse(d.file, []byte(d.text))
	for _, declared := range parsed.Inputs {
		for in := range declared.Within() {
			if in.Name.Range.Start == name && in.Type.Kind != "" {
				return fieldText(fieldOf(in))
			}
		}
	}
	return ""
}

// hoverExpression returns the type of the part of an expression at a place, and the meaning of a
// name there.
func (c *connection) hoverExpression(d *document, o *outline, at *cursor, x *expressionAt) any {
	h := c.cursorExpression(d, o, at, x)
	if h == nil {
		return nil
	}
	if f, from, to := h.function(); f != nil {
		return h.result(functionText(*f), from, to)
	}
	part, ok := h.part()
	if !ok {
		return nil
	}
	var text strings.Builder
	text.WriteString("`" + short(h.source[part.From:part.To]) + "`: " + part.Type.String())
	for _, n := range h.names() {
		if n.To == part.To && n.From <= h.offset {
			text.WriteString(h.meaning(d, n.Path))
		}
	}
	return h.result(text.String(), part.From, part.To)
}

func short(source string) string {
	const most = 60
	source = strings.Join(strings.Fields(source), " ")
	if runes := []rune(source); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return source
}

// meaning returns the description of what a name refers to.
func (h *cursorExpression) meaning(d *document, path []string) string {
	t := schema.Type{Kind: schema.Object, Fields: h.scope.Roots}
	var field schema.Field
	for _, name := range path {
		if name == expression.Each {
			if t.Items == nil {
				return ""
			}
			t = *t.Items
			continue
		}
		f, ok := t.Field(name)
		if !ok {
			return ""
		}
		field, t = f, f.Type
	}
	text := ""
	switch {
	case len(path) == 2 && path[0] == "steps":
		parsed, _ := definition.Parse(d.file, []byte(d.text))
		for s := range parsed.AllSteps() {
			if s.ID.Value == path[1] {
				return "\n\n" + stepText(s)
			}
		}
	case field.Description != "":
		text = "\n\n" + field.Description
	}
	for _, line := range constraints(field.Type) {
		text += "\n\n" + line
	}
	return text
}
