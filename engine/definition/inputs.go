package definition

import (
	"iter"
	"math"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/schema"
)

var inputKeys = []string{"type", "description", "default", "required", "pattern", "enum", "minimum", "maximum", "items", "properties"}

// itemsKeys are the keys of `items`.
var itemsKeys = []string{"type", "items", "properties"}

func (r *reader) inputs(n *yaml.Node) []Input {
	if n == nil {
		return nil
	}
	m, ok := r.mapping(n, `"inputs"`, "a mapping of names to inputs")
	if !ok {
		return nil
	}
	return r.declared(m, "input")
}

// declared reads declarations by name. noun is what each of them declares.
func (r *reader) declared(m *mapping, noun string) []Input {
	all := make([]Input, 0, len(m.keys))
	for i, name := range m.keys {
		r.checkShape(name, withArticle(noun), identifier, identifierShape)
		all = append(all, r.input(name, m.nodes[i], noun))
	}
	return all
}

func withArticle(noun string) string {
	if strings.ContainsAny(noun[:1], "aio") {
		return "an " + noun
	}
	return "a " + noun
}

func (r *reader) input(name Text, n *yaml.Node, noun string) Input {
	in := Input{Name: name, noun: noun}
	what := noun + " " + schema.Show(name.Value)
	m, ok := r.declaration(n, what)
	if !ok {
		return in
	}
	m.keepKnown(withArticle(noun), inputKeys)
	if m.require("type", name.Range, "add type: with one of "+strings.Join(schema.Kinds, ", "), what) {
		in.Type.Kind, in.Parts.Type = r.kind(m, noun)
	}
	if d := m.get("description"); d != nil {
		in.Description, _ = r.literal(d, `"description"`, "a text")
	}
	if d := m.get("default"); d != nil {
		v := r.value(d, `"default"`, true)
		in.Default = &v
	}
	r.checkRequired(&in, m)
	r.pattern(&in, m)
	r.bounds(&in, m)
	r.enum(&in, m)
	r.items(&in, m)
	r.properties(&in, m)
	return in
}

func (r *reader) checkRequired(in *Input, m *mapping) {
	in.Required = in.Default == nil
	n := m.get("required")
	if n == nil {
		return
	}
	t, kind, value, ok := r.scalar(n, `"required"`, "true or false")
	switch in.Parts.Required = t.Range; {
	case !ok:
	case kind != schema.Boolean:
		r.reportNotBoolean(n, t, `"required"`)
	case value == false:
		in.Required, in.Type.Nullable = false, true
	case in.Default != nil:
		r.report(ruleInput, t.Range, "remove required: or default:", "%s with a default cannot be required", withArticle(in.noun))
	}
}

// checkApplies reports a constraint that does not apply to the input's type. If the type is
// unknown, it reports nothing.
func (r *reader) checkApplies(in *Input, m *mapping, key string, kinds ...schema.Kind) bool {
	if in.Type.Kind == "" || slices.Contains(kinds, in.Type.Kind) {
		return true
	}
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = string(k)
	}
	r.report(ruleInput, m.at(key), "remove it", "%q applies only to %ss of type %s; this %s is %s", key, in.noun, strings.Join(words, " or "), in.noun, schema.Of(in.Type.Kind).Article())
	return false
}

func (r *reader) pattern(in *Input, m *mapping) {
	n := m.get("pattern")
	if n == nil {
		return
	}
	t, ok := r.literal(n, `"pattern"`, "a regular expression")
	if in.Parts.Pattern = t.Range; !ok || !r.checkApplies(in, m, "pattern", schema.String) {
		return
	}
	if _, err := regexp.Compile(t.Value); err != nil {
		reason := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		r.report(rulePattern, t.Range, "use the RE2 syntax, which has no look-around and no back-references", "%s is not a regular expression: %s", schema.Show(t.Value), reason)
		return
	}
	in.Type.Pattern = t.Value
}

func (r *reader) bounds(in *Input, m *mapping) {
	in.Type.Minimum, in.Parts.Minimum = r.bound(in, m, "minimum")
	in.Type.Maximum, in.Parts.Maximum = r.bound(in, m, "maximum")
	if low, high := in.Type.Minimum, in.Type.Maximum; low != nil && high != nil && *low > *high {
		r.report(ruleInput, in.Parts.Minimum, "", "the minimum, %s, is greater than the maximum, %s", schema.Show(*low), schema.Show(*high))
		in.Type.Minimum, in.Type.Maximum = nil, nil
	} else if low != nil && high != nil && !r.pinned && in.Type.Kind == schema.Integer && math.Ceil(*low) > *high {
		r.report(ruleInput, in.Parts.Minimum, "write bounds with an integer between them, or type: number", "no integer is between the minimum, %s, and the maximum, %s", schema.Show(*low), schema.Show(*high))
		in.Type.Minimum, in.Type.Maximum = nil, nil
	}
}

// largestBound is the largest number up to which a bound can be every integer.
const largestBound = 1 << 53

func (r *reader) bound(in *Input, m *mapping, key string) (*float64, diag.Range) {
	n := m.get(key)
	if n == nil {
		return nil, diag.Range{}
	}
	t, kind, value, ok := r.scalar(n, `"`+key+`"`, "a number")
	if !ok || !r.withoutExpression(t, `"`+key+`"`) {
		return nil, t.Range
	}
	var bound float64
	switch v := value.(type) {
	case int:
		bound = float64(v)
	case float64:
		bound = v
	}
	if kind != schema.Integer && kind != schema.Number {
		r.reportWrongType(n, `"`+key+`"`, "a number", "")
		return nil, t.Range
	}
	if !r.checkApplies(in, m, key, schema.Integer, schema.Number) {
		return nil, t.Range
	}
	if whole, is := value.(int); is && !r.pinned && (whole > largestBound || whole < -largestBound) {
		r.report(ruleInput, t.Range, "write a number from -9007199254740992 to 9007199254740992", "%q is %d, which is too large for a bound", key, whole)
		return nil, t.Range
	}
	return &bound, t.Range
}

func (r *reader) enum(in *Input, m *mapping) {
	n := m.get("enum")
	if n == nil {
		return
	}
	nodes, ok := r.list(n, `"enum"`, "a list of the allowed values")
	if ok && len(nodes) == 0 {
		r.report(ruleInput, r.place(n), "list the allowed values", `"enum" is empty, so no value is allowed`)
	}
	for _, item := range nodes {
		in.Parts.Enum = append(in.Parts.Enum, r.value(item, `an item of "enum"`, true))
	}
}

func (r *reader) items(in *Input, m *mapping) {
	n := m.get("items")
	if n == nil || !r.checkApplies(in, m, "items", schema.List) {
		return
	}
	items, ok := r.declaration(n, `"items"`)
	if !ok {
		return
	}
	items.keepKnown("items", itemsKeys)
	if !items.require("type", m.at("items"), "add type: with one of "+strings.Join(schema.Kinds, ", "), `"items"`) {
		return
	}
	item := Input{Name: m.keys[m.index("items")], noun: "item", Required: true}
	if item.Type.Kind, item.Parts.Type = r.kind(items, item.noun); item.Type.Kind == "" {
		return
	}
	r.items(&item, items)
	r.properties(&item, items)
	in.Items, in.Type.Items = &item, &item.Type
}

// properties reads the members of an object.
func (r *reader) properties(in *Input, m *mapping) {
	n := m.get("properties")
	if n == nil || !r.checkApplies(in, m, "properties", schema.Object) {
		return
	}
	members, ok := r.mapping(n, `"properties"`, "a mapping of names to members, such as {port: {type: integer}}")
	if !ok {
		return
	}
	if len(members.keys) == 0 {
		r.report(ruleInput, r.place(n), "declare the members, or remove the line if there may be any", `"properties" is empty, so no member is allowed`)
		return
	}
	in.Properties = r.declared(members, "member")
	in.Type.Fields = make([]schema.Field, len(in.Properties))
	for i, p := range in.Properties {
		in.Type.Fields[i] = p.Field()
	}
}

// Field returns what the input declares, without its default and its enum.
func (in Input) Field() schema.Field {
	f := schema.Field{Name: in.Name.Value, Description: in.Description.Value, Type: in.Type, Required: in.Required}
	f.Type.Nullable = !in.Required && in.Default == nil
	return f
}

// Within returns the input and all inputs inside it.
func (in Input) Within() iter.Seq[Input] {
	return func(yield func(Input) bool) { in.within(yield) }
}

func (in Input) within(yield func(Input) bool) bool {
	if !yield(in) {
		return false
	}
	for _, p := range in.Properties {
		if !p.within(yield) {
			return false
		}
	}
	return in.Items == nil || in.Items.within(yield)
}
