package generator

import "errand/engine/schema"

// What a workflow returns or passes on need not be an expression: a literal, perhaps null, or a list
// or an object with literals and expressions in it. Its type is that of its parts.

// unexpressed are literals as they are written, with their types.
var unexpressed = []struct {
	written string
	t       schema.Type
}{
	{"null", schema.Type{Kind: schema.Null, Nullable: true}},
	{"a", schema.Of(schema.String)}, {"y", schema.Of(schema.String)}, {"5m", schema.Of(schema.String)},
	{"7", schema.Of(schema.Integer)}, {"-0.5", schema.Of(schema.Number)}, {"true", schema.Of(schema.Boolean)},
}

// literalOutput writes an output that is not an expression, and returns its type.
func (w *writer) literalOutput(name string) schema.Type {
	switch w.IntN(4) {
	case 0:
		return w.objectOutput(name)
	case 1:
		w.line("%s:", name)
		w.within(func() {
			w.item(func() { w.slot(w.text(), "x") })
			w.item(func() { w.line("null") })
		})
		return schema.ListOf(schema.Of(schema.String).OrNull())
	}
	one := unexpressed[w.IntN(len(unexpressed))]
	w.line("%s: %s", name, one.written)
	return one.t
}

// objectOutput writes an object whose members are literals and expressions.
func (w *writer) objectOutput(name string) schema.Type {
	t := schema.ObjectOf()
	w.line("%s:", name)
	w.within(func() {
		for _, member := range []string{"k", "l", "m"} {
			f := schema.Field{Name: member, Required: true}
			if w.percent(40) {
				one := unexpressed[w.IntN(len(unexpressed))]
				w.line("%s: %s", member, one.written)
				f.Type = one.t
			} else {
				k := plainKinds[w.IntN(len(plainKinds))]
				w.slot(member+": "+w.whole(k), harmless(member, k))
				f.Type = typeOf(k)
			}
			t.Fields = append(t.Fields, f)
		}
	})
	return t
}
