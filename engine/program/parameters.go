package program

import (
	"slices"
	"strings"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/expression"
	"errand/engine/schema"
)

// A callee is what a step passes parameters to: a task type or another workflow.
type callee struct {
	name  string // for messages
	noun  string // the word for a parameter in messages: parameter or input
	input schema.Type
	at    diag.Range // the position of its name in the definition

	crossing crossing
}

// parameters compiles `with` to the template of an input. whole is the range of `with`. partial
// reports whether the parser could not read a part of it.
func (c *compiler) parameters(with []definition.Entry, to callee, whole diag.Range, partial bool, scope expression.Scope) Template {
	object := &objectNode{}
	given := map[string]bool{}
	written := map[string]bool{}
	for _, entry := range with {
		written[entry.Key.Value] = true
	}
	for _, entry := range with {
		name := entry.Key.Value
		field, known := to.input.Field(name)
		switch {
		case !known && !to.input.AllowsMore():
			// report a mistyped name only once, not also as a missing parameter
			given[c.unknownParameter(entry, to, written)] = true
			c.value(entry.Value, anything, name, scope)
			continue
		case !known:
			field = schema.Field{Name: name, Type: anything}
		}
		given[name] = true
		want := field.Type
		want.Nullable = want.Nullable || !field.Required
		if c.owner == ownerRule && c.isConverted(entry.Value, want, scope) {
			want = schema.Type{Kind: schema.String, Nullable: want.Nullable}
		}
		var value node
		c.crosses(to.crossing, func() { value, _ = c.value(entry.Value, want, name, scope) })
		if isReplaced(field, written) {
			field.Default = nil
		}
		object.add(name, value, field.Default)
		if constant, ok := constantOf(value); ok {
			c.discouragedValue(field, constant, entry.Value.Range, "")
		}
	}
	c.complete(object, to.input.Fields, given, func(field schema.Field) {
		if partial {
			return // the parser has reported a problem
		}
		help := "add `" + field.Name + ": …` under `with`"
		if field.Description != "" {
			help += ": " + firstSentence(field.Description)
		}
		c.report(diag.Problem{
			Rule: "missing-" + to.noun, Range: whole, Label: `"` + field.Name + `" is missing here`,
			Message: to.name + ` needs "` + field.Name + `"`, Help: help,
		})
	})
	for _, field := range to.input.Fields {
		if !given[field.Name] && !isReplaced(field, given) && field.Default != nil {
			c.discouragedValue(field, field.Default, to.at, "uses the default "+schema.Show(field.Default))
		}
	}
	return Template{object}
}

// unknownParameter reports a name that is not a parameter. It returns the parameter that was most
// likely meant, or "". A parameter that is written too was not meant.
func (c *compiler) unknownParameter(entry definition.Entry, to callee, written map[string]bool) string {
	name := entry.Key.Value
	names := slices.DeleteFunc(to.input.FieldNames(), func(n string) bool { return written[n] })
	article := "a "
	if to.noun == "input" {
		article = "an "
	}
	p := diag.Problem{
		Rule: "unknown-" + to.noun, Range: entry.Key.Range, Label: "not " + article + to.noun + " of " + to.name,
		Message: to.name + " has no " + to.noun + ` "` + name + `"`,
	}
	if looks, why := diag.Confusable(name); slices.Contains(names, looks) {
		p.Message += "; " + why
	}
	near := diag.Nearest(name, names)
	if near == "" {
		near = wordOf(name, to.input.Fields, written)
	}
	switch taken := diag.Nearest(name, to.input.FieldNames()); {
	case near != "":
		p.Help = `did you mean "` + near + `"?`
		p.Fix = fix(name, names, p.Range)
	case taken != "":
		p.Help = `remove it; "` + taken + `" is given already`
	case len(names) > 0:
		p.Help = "remove it, or write another name"
	default:
		p.Help = "remove it"
	}
	if all := to.input.FieldNames(); len(all) > 0 {
		p.Notes = []string{to.noun + "s are " + strings.Join(all, ", ")}
	}
	c.report(p)
	return near
}

// wordOf returns the only required field that is not written and has one of the words of a name, as
// instance_id has that of instance. It returns "" if there is none, or several.
func wordOf(name string, fields []schema.Field, written map[string]bool) string {
	words := strings.Split(strings.ToLower(name), "_")
	found := ""
	for _, f := range fields {
		shares := slices.ContainsFunc(strings.Split(f.Name, "_"), func(word string) bool { return slices.Contains(words, word) })
		if !f.Required || written[f.Name] || !shares {
			continue
		}
		if found != "" {
			return ""
		}
		found = f.Name
	}
	return found
}

// complete adds the defaults of an object's missing fields. It calls missing for each required
// field that is missing.
func (c *compiler) complete(object *objectNode, fields []schema.Field, given map[string]bool, missing func(schema.Field)) {
	for _, field := range fields {
		switch {
		case given[field.Name] || isReplaced(field, given):
		case field.Default != nil:
			object.add(field.Name, literalNode{field.Default, schema.Encode(field.Default)}, nil)
		case field.Required:
			missing(field)
		}
	}
}

// isReplaced reports whether a field has no default because of another one that is given.
func isReplaced(field schema.Field, given map[string]bool) bool {
	return field.Unless != "" && given[field.Unless]
}

// firstSentence returns the first sentence of a description, in the form in which it can follow a
// colon.
func firstSentence(s string) string {
	if s == "" {
		return s
	}
	s, _, _ = strings.Cut(s, ". ")
	return strings.TrimSuffix(strings.ToLower(s[:1])+s[1:], ".")
}
