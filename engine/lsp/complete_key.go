package lsp

import (
	"slices"

	"errand/engine/schema"
)

// completeKey proposes the keys that can be added to an entry. word is the key at the cursor; it
// does not count as one of the entry's keys.
func (c *connection) completeKey(d *document, o *outline, e, word *entry) []proposal {
	if word != nil {
		e = withoutChild(e, word)
	}
	if e.kind == aKey && e.key == "with" && c.grammar.isStep(e.parent) {
		return parameters(c.callee(d, o, e.parent), e.keys(), e.flow != 0 || inBrackets(o, e))
	}
	if f, ok := c.parameterOf(d, o, e); ok {
		return members(f.Type, e.keys())
	}
	return c.grammar.proposeKeys(o, e)
}

// proposeKeys proposes the keys that can be added to an entry.
func (g *grammar) proposeKeys(o *outline, e *entry) []proposal {
	r := g.of(e)
	if r == nil {
		return nil
	}
	hyphen := ""
	if r.Items != nil && !inBrackets(o, e) { // an item of a list begins with a hyphen
		hyphen, r = "- ", g.follow(r.Items)
		if r == nil {
			return nil
		}
		e = &entry{kind: anItem, parent: e}
	}
	var list []proposal
	for _, key := range g.keys(e) {
		if r.Properties[key] == nil {
			continue
		}
		p := proposal{label: hyphen + key, insert: hyphen + key + ":" + g.afterColon(r.Properties[key]), kind: kindProperty, text: g.keyText(r, key), rank: 1}
		if slices.Contains(r.Required, key) {
			p.detail, p.rank = "required", 0
		}
		list = append(list, p)
	}
	return list
}

// afterColon returns the text after a key's colon: a space if the value is on the same line.
func (g *grammar) afterColon(r *rule) string {
	if target := g.follow(r); target != nil && (target.Properties != nil || target.Items != nil || target.Type == "object") {
		return ""
	}
	return " "
}

func inBrackets(o *outline, e *entry) bool {
	return e.valueFrom < e.valueTo && (o.text[e.valueFrom] == '{' || o.text[e.valueFrom] == '[')
}

// withoutChild returns an entry as if it did not contain a word.
func withoutChild(e, word *entry) *entry {
	copied := *e
	copied.children = slices.DeleteFunc(slices.Clone(e.children), func(c *entry) bool { return c == word })
	return &copied
}

// parameters proposes the parameters without a value, the required ones first.
func parameters(to *callee, given []string, inline bool) []proposal {
	if to == nil {
		return nil
	}
	var list []proposal
	for _, f := range to.fields {
		if slices.Contains(given, f.Name) {
			continue
		}
		p := proposal{label: f.Name, insert: f.Name + ": ", kind: kindField, detail: typeText(f, true), text: fieldText(f), rank: 1}
		if (f.Type.Kind == schema.Object || f.Type.Kind == schema.List) && !inline {
			p.insert = f.Name + ":"
		}
		if f.Required {
			p.rank = 0
		}
		list = append(list, p)
	}
	return list
}

// members proposes the members of a parameter that is an object.
func members(t schema.Type, given []string) []proposal {
	if t.Kind != schema.Object {
		return nil
	}
	return parameters(&callee{fields: t.Fields}, given, true)
}

// parameterOf returns the parameter whose value an entry is.
func (c *connection) parameterOf(d *document, o *outline, e *entry) (schema.Field, bool) {
	if e.kind != aKey || e.parent.kind != aKey || e.parent.key != "with" || !c.grammar.isStep(e.parent.parent) {
		return schema.Field{}, false
	}
	return c.callee(d, o, e.parent.parent).field(e.key)
}
