package lsp

import (
	"strings"

	"errand/engine/definition"
	"errand/engine/schema"
)

// completeValue proposes values for a key, or the keys of an incomplete item.
func (c *connection) completeValue(d *document, o *outline, at *cursor) []proposal {
	e := at.inside
	if e.kind == anItem {
		if r := c.grammar.of(e); r != nil && r.Properties != nil {
			return c.completeKey(d, o, e, nil)
		}
		return words(c.grammar.values(c.grammar.of(e)))
	}
	if f, ok := c.parameterOf(d, o, e); ok {
		return c.completeParameter(d, o, at, f)
	}
	around := c.grammar.of(e.parent)
	if around == nil || around.Properties[e.key] == nil {
		return nil
	}
	if e.key == "workflow" && e.parent.kind == aRoot {
		return words([]string{stemOf(d.file)})
	}
	if c.grammar.isStep(e.parent) {
		switch key, _ := definition.StepKey(e.key); key.Value {
		case definition.TaskValue:
			return c.taskTypes()
		case definition.WorkflowValue:
			return c.workflows(d)
		case definition.ItemsValue:
			return c.wholeExpressions(d, o, at, func(t schema.Type) bool { return t.Kind == schema.List })
		}
	}
	return words(c.grammar.values(around.Properties[e.key]))
}

func words(values []string) []proposal {
	list := make([]proposal, len(values))
	for i, v := range values {
		list[i] = proposal{label: v, kind: kindValue}
	}
	return list
}

func (c *connection) taskTypes() []proposal {
	var list []proposal
	for _, name := range c.Registry.Names() {
		t, _ := c.Registry.Lookup(name)
		list = append(list, proposal{label: name, kind: kindFunction, detail: t.Title, text: taskText(t)})
	}
	return list
}

// workflows proposes the workflows that the document can call. A workflow cannot call itself.
func (c *connection) workflows(d *document) []proposal {
	var list []proposal
	for _, name := range c.names(d) {
		w := c.workflow(d, name)
		if w == nil || name == stemOf(d.file) || w.definition.Name.Value != name {
			continue
		}
		list = append(list, proposal{label: name, kind: kindModule, detail: w.definition.Title.Value, text: workflowText(name, w)})
	}
	return list
}

// completeParameter proposes the values that a parameter allows, and references to values of a
// fitting type.
func (c *connection) completeParameter(d *document, o *outline, at *cursor, f schema.Field) []proposal {
	list := words(wordsOf(f.Type))
	want := f.Type
	want.Nullable = want.Nullable || !f.Required
	return append(list, c.wholeExpressions(d, o, at, func(t schema.Type) bool {
		return t.Kind != "" && t.Kind != schema.Any && t.Kind != schema.Null && want.Accepts(t)
	})...)
}

// wholeExpressions proposes ${{ }} with each input, item and output that fits, if the value
// contains nothing else.
func (c *connection) wholeExpressions(d *document, o *outline, at *cursor, fits func(schema.Type) bool) []proposal {
	from, to := o.replacedSpan(at)
	begun := strings.HasPrefix(`"${{ `, o.text[from:to]) || strings.HasPrefix("${{ ", o.text[from:to])
	scope, ok := c.visibleNamesInValue(d, o, at)
	if !ok || !begun {
		return nil
	}
	quote := ""
	if at.inside.flow != 0 {
		quote = `"`
	}
	var list []proposal
	var add func(path string, t schema.Type, text string)
	add = func(path string, t schema.Type, text string) {
		if fits(t) {
			whole := quote + "${{ " + path + " }}" + quote
			list = append(list, proposal{label: whole, kind: kindReference, detail: t.String(), text: text, rank: 2})
		}
		if t.Kind != schema.Object || t.Nullable {
			return
		}
		for _, f := range t.Fields {
			switch {
			case strings.Count(path, ".") == 1 && (f.Name == "success" || f.Name == "result_code" || f.Name == "result_message"):
			default:
				add(path+"."+f.Name, f.Type, f.Description)
			}
		}
	}
	for _, root := range scope.Roots {
		if root.Name != "run" {
			add(root.Name, root.Type, root.Description)
		}
	}
	return list
}
