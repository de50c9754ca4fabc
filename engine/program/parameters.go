package program

import (
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
	"errand/engine/schema"
	"errand/engine/task"
)

// parameters compiles `with` into the template of a task's input.
func (c *compiler) parameters(form *definition.Task, t task.Type, scope expression.Scope) Template {
	object := &objectNode{}
	given := map[string]bool{}
	for _, entry := range form.With {
		name := entry.Key.Value
		field, known := t.Input.Field(name)
		switch {
		case !known && !t.Input.AllowsMore():
			given[c.unknownParameter(entry, t)] = true // one slip is one problem
			c.value(entry.Value, anything, name, scope)
			continue
		case !known:
			field = schema.Field{Name: name, Type: anything}
		}
		given[name] = true
		want := field.Type
		want.Nullable = want.Nullable || !field.Required
		value, _ := c.value(entry.Value, want, name, scope)
		object.add(name, value, field.Default)
		if constant, ok := constantOf(value); ok {
			c.caution(field, constant, entry.Value.Range, "")
		}
	}
	c.complete(object, t.Input.Fields, given, func(field schema.Field) {
		if form.Partial {
			return // the parser said what is wrong
		}
		c.report(diag.Problem{
			Rule: "missing-parameter", Range: form.Range, Label: `"` + field.Name + `" is missing here`,
			Message: t.Name + ` needs "` + field.Name + `"`,
			Help:    "add `" + field.Name + ": …` under `with`: " + firstSentence(field.Description),
		})
	})
	for _, field := range t.Input.Fields {
		if !given[field.Name] && field.Default != nil {
			c.caution(field, field.Default, form.Type.Range, "uses the default "+schema.Show(field.Default))
		}
	}
	return Template{object}
}

// unknownParameter reports a name that is not a parameter, and returns the one that was most likely meant.
func (c *compiler) unknownParameter(entry definition.Entry, t task.Type) string {
	name, names := entry.Key.Value, t.Input.FieldNames()
	p := diag.Problem{
		Rule: "unknown-parameter", Range: entry.Key.Range, Label: "not a parameter of " + t.Name,
		Message: t.Name + ` has no parameter "` + name + `"`,
	}
	near := diag.Nearest(name, names)
	if near != "" {
		p.Help = `did you mean "` + near + `"?`
		p.Fix = fix(name, near, names, p.Range)
	}
	if len(names) > 0 {
		p.Notes = []string{"parameters are " + strings.Join(names, ", ")}
	}
	c.report(p)
	return near
}

// complete adds what an object does not say: defaults. A field that is required and not given is reported by the caller's words.
func (c *compiler) complete(object *objectNode, fields []schema.Field, given map[string]bool, missing func(schema.Field)) {
	for _, field := range fields {
		switch {
		case given[field.Name]:
		case field.Default != nil:
			object.add(field.Name, literalNode{field.Default, schema.Encode(field.Default)}, nil)
		case field.Required:
			missing(field)
		}
	}
}

// firstSentence is the start of a description, as it stands after a colon.
func firstSentence(s string) string {
	if s == "" {
		return s
	}
	s, _, _ = strings.Cut(s, ". ")
	return strings.TrimSuffix(strings.ToLower(s[:1])+s[1:], ".")
}
