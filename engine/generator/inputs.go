package generator

import (
	"strings"
	"time"

	"errand/engine/schema"
)

// inputs declares the inputs of the workflow. The first is a required text, so that tests can give
// each run its own value.
func (w *writer) inputs() {
	w.line("inputs:")
	w.within(func() {
		w.declare("who", schema.Field{Type: schema.Of(schema.String), Required: true}, "{type: string}")
		if w.guards {
			w.declare("a", schema.Field{Type: schema.Of(schema.Boolean), Required: true}, "{type: boolean}")
			w.declare("b", schema.Field{Type: schema.Of(schema.Boolean), Default: false}, "{type: boolean, default: false}")
			w.declare("m", schema.Field{Type: schema.Of(schema.String).OrNull()}, "{type: string, required: false}")
			w.declare("n", schema.Field{Type: schema.Of(schema.Integer).OrNull()}, "{type: integer, required: false}")
		}
		for range w.IntN(4) {
			in := inputs[w.IntN(len(inputs))]
			name := w.newName("i")
			switch w.IntN(3) {
			case 0:
				w.declare(name, schema.Field{Type: in.t, Required: true}, "{"+in.written+"}")
			case 1:
				w.declare(name, schema.Field{Type: in.t.OrNull()}, "{"+in.written+", required: false}")
			case 2:
				w.declare(name, schema.Field{Type: in.t, Default: in.values[0]}, "{"+in.written+", default: "+literal(in.values[0])+"}")
			}
		}
	})
}

func (w *writer) declare(name string, f schema.Field, written string) {
	f.Name = name
	w.d.Inputs.Kind = schema.Object
	w.d.Inputs.Fields = append(w.d.Inputs.Fields, f)
	w.line("%s: %s", name, written)
}

// An input is a declaration of an input, with values that fit it.
type input struct {
	written string
	t       schema.Type
	values  []any
}

var one, eight, half = 1.0, 8.0, 0.5

var inputs = []input{
	{"type: string", schema.Of(schema.String), []any{"", "bob", "<eve> & co", "a,b,c", "12", "é"}},
	{"type: string, enum: [low, high]", schema.Type{Kind: schema.String, Enum: []any{"low", "high"}}, []any{"low", "high"}},
	{"type: string, pattern: '^[a-z]+-[0-9]$'", schema.Type{Kind: schema.String, Pattern: "^[a-z]+-[0-9]$"}, []any{"x-1", "web-7"}},
	{"type: integer", schema.Of(schema.Integer), []any{0, 1, -3, 7, 1 << 62, -1 << 63}},
	{"type: integer, minimum: 1, maximum: 8", schema.Type{Kind: schema.Integer, Minimum: &one, Maximum: &eight}, []any{1, 2, 8}},
	{"type: integer, enum: [1, 2, 4]", schema.Type{Kind: schema.Integer, Enum: []any{1, 2, 4}}, []any{1, 2, 4}},
	{"type: number", schema.Of(schema.Number), []any{0.5, 0, -2.25, 1e300, 3, 9007199254740992.0}},
	{"type: number, minimum: 0.5", schema.Type{Kind: schema.Number, Minimum: &half}, []any{0.5, 2, 99.9}},
	{"type: boolean", schema.Of(schema.Boolean), []any{false, true}},
	{"type: duration", schema.Of(schema.Duration), []any{"90s", "300ms", "1h30m", "2d", "1d12h"}},
	{"type: list, items: {type: string}", schema.ListOf(schema.Of(schema.String)), []any{[]any{"web", "db"}, []any{}, []any{"one"}, []any{"a", "b", "a"}}},
	{"type: list, items: {type: integer}", schema.ListOf(schema.Of(schema.Integer)), []any{[]any{3, 1, 2}, []any{}, []any{0}}},
	{"type: list", schema.Of(schema.List), []any{[]any{1, "x", nil}, []any{}, []any{map[string]any{"k": true}}, []any{5e40}}},
	{"type: object", schema.Of(schema.Object), []any{map[string]any{"k": 1}, map[string]any{}, map[string]any{"k": "v", "l": []any{1}}}},
	{
		"type: object, properties: {size: {type: integer}, note: {type: string, required: false}, sizes: {type: list, items: {type: integer}, default: [3, 1]}}",
		schema.ObjectOf(
			schema.Field{Name: "size", Type: schema.Of(schema.Integer), Required: true},
			schema.Field{Name: "note", Type: schema.Of(schema.String).OrNull()},
			schema.Field{Name: "sizes", Type: schema.ListOf(schema.Of(schema.Integer)), Default: []any{3, 1}},
		),
		[]any{map[string]any{"size": 1}, map[string]any{"size": -7, "note": "n", "sizes": []any{}}, map[string]any{"size": 0, "note": nil, "sizes": []any{5, 6}}},
	},
	{
		"type: object, properties: {place: {type: object, properties: {zone: {type: string, default: a}, wait: {type: duration, default: 5s}}}, names: {type: list, items: {type: string}}}",
		schema.ObjectOf(
			schema.Field{Name: "place", Type: schema.ObjectOf(
				schema.Field{Name: "zone", Type: schema.Of(schema.String), Default: "a"},
				schema.Field{Name: "wait", Type: schema.Of(schema.Duration), Default: 5 * time.Second},
			), Required: true},
			schema.Field{Name: "names", Type: schema.ListOf(schema.Of(schema.String)), Required: true},
		),
		[]any{map[string]any{"place": map[string]any{}, "names": []any{}}, map[string]any{"place": map[string]any{"zone": "", "wait": "2m"}, "names": []any{"web", "db"}}},
	},
	{
		"type: list, items: {type: object, properties: {host: {type: string}, port: {type: integer, default: 80}}}",
		schema.ListOf(schema.ObjectOf(
			schema.Field{Name: "host", Type: schema.Of(schema.String), Required: true}, schema.Field{Name: "port", Type: schema.Of(schema.Integer), Default: 80},
		)),
		[]any{[]any{map[string]any{"host": "web"}, map[string]any{"host": "db", "port": 5432}}, []any{}},
	},
}

// literal writes a value as YAML.
func literal(v any) string { return string(schema.Encode(v)) }

// valuesOf lists values that fit a type.
func valuesOf(t schema.Type) []any {
	var found []any
	for _, in := range inputs {
		if in.t.NotNull().Kind == t.Kind && (t.Kind != schema.List || itemKind(in.t) == itemKind(t)) && in.t.Pattern == t.Pattern {
			for _, v := range in.values {
				if _, err := t.Canonical(v); err == nil {
					found = append(found, v)
				}
			}
		}
	}
	return found
}

func itemKind(t schema.Type) schema.Kind { return itemOf(t).Kind }

// Values returns inputs for a run, as they come from outside. It sometimes omits an input that is
// not required.
func (d *Definition) Values(r interface{ IntN(int) int }) map[string]any {
	values := map[string]any{}
	for _, f := range d.Inputs.Fields {
		if !f.Required && r.IntN(3) == 0 {
			continue
		}
		if fitting := valuesOf(f.Type.NotNull()); len(fitting) > 0 {
			values[f.Name] = fitting[r.IntN(len(fitting))]
		}
		if f.Type.Nullable && r.IntN(3) == 0 {
			values[f.Name] = nil
		}
	}
	if n := r.IntN(8); n > 3 {
		values["who"] = strings.Repeat("o", n) // probably different from those of other runs
	}
	return values
}
