package definition

import (
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/schema"
)

// value reads any value. A text may contain expressions unless literal is set. A value with a
// problem has the kind Any, so that nothing more is reported about it.
func (r *reader) value(n *yaml.Node, what string, literal bool) Value {
	v, _ := r.valueEnd(n, what, literal)
	return v
}

func (r *reader) valueEnd(n *yaml.Node, what string, literal bool) (v Value, end int) {
	if n.Kind == yaml.AliasNode {
		v, _ = r.valueEnd(follow(n), what, literal)
		start := r.start(n)
		return v, start + 1 + len(n.Value)
	}
	switch n.Kind {
	case yaml.SequenceNode:
		v, end = r.listValue(n, what, literal)
	case yaml.MappingNode:
		v, end = r.objectValue(n, what, literal)
	default:
		return r.scalarValue(n, what, literal)
	}
	start := r.start(n)
	if n.Style&yaml.FlowStyle != 0 {
		end = r.flowEnd(max(end, start+1))
	}
	v.Range = r.span(start, max(start, end))
	if r.reported[n] {
		v.Kind = schema.Any
	}
	return v, end
}

func (r *reader) listValue(n *yaml.Node, what string, literal bool) (v Value, end int) {
	v = Value{Kind: schema.List, Items: make([]Value, 0, len(n.Content))}
	what = "an item of " + strings.TrimPrefix(what, "an item of ")
	for _, child := range n.Content {
		var item Value
		item, end = r.valueEnd(child, what, literal)
		v.Items = append(v.Items, item)
	}
	return v, end
}

func (r *reader) objectValue(n *yaml.Node, what string, literal bool) (v Value, end int) {
	v.Kind = schema.Object
	m, ok := r.mapping(n, what, "a mapping")
	if !ok {
		v.Kind = schema.Any
		return v, 0
	}
	v.Entries, end = r.entries(m, literal)
	return v, end
}

func (r *reader) entries(m *mapping, literal bool) (entries []Entry, end int) {
	entries = make([]Entry, 0, len(m.keys))
	for i, key := range m.keys {
		var v Value
		v, end = r.valueEnd(m.nodes[i], quoted(key.Value), literal)
		entries = append(entries, Entry{Key: key, Value: v})
	}
	return entries, end
}

func (r *reader) scalarValue(n *yaml.Node, what string, literal bool) (v Value, end int) {
	v.Kind = schema.Any
	v.Text, end = r.textOf(n)
	v.Range = v.Text.Range
	switch {
	case r.reported[n]:
		return v, end
	case !plain(n.Style):
		v.Kind = schema.String
	case n.Value == "":
		r.report(ruleMissingValue, v.Range, `write null for no value, or "" for an empty text`, "%s has no value", what)
		return v, end
	default:
		kind, scalar, doubt := readPlain(n.Value)
		if doubt != nil {
			r.reportDoubtful(v.Text, doubt)
			return v, end
		}
		v.Kind, v.Scalar = kind, scalar
	}
	if v.Kind != schema.String {
		return v, end
	}
	if literal {
		v.Parts = []Part{{Literal: strings.ReplaceAll(v.Text.Value, "$${{", "${{")}}
		if !r.withoutExpression(v.Text, what) {
			v.Kind = schema.Any
		}
		return v, end
	}
	var ok bool
	if v.Parts, ok = r.template(v.Text, end); !ok {
		v.Kind = schema.Any
	}
	return v, end
}

// flowEnd returns the end of a flow collection, given the end of its last member.
func (r *reader) flowEnd(end int) int {
	for at := end; at < len(r.text); at++ {
		at = afterBlank(r.text, at)
		switch {
		case at == len(r.text):
		case r.text[at] == ']' || r.text[at] == '}':
			return at + 1
		case r.text[at] != ',' && r.text[at] != ':':
			return end
		}
	}
	return end
}

// Literal returns the value without positions: nil, bool, int, float64, string, []any or
// map[string]any. It is what JSON would decode, except that whole numbers are int. ok is false if
// the value contains an expression or a value with a problem.
func (v Value) Literal() (any, bool) {
	switch v.Kind {
	case schema.Null, schema.Boolean, schema.Integer, schema.Number:
		return v.Scalar, true
	case schema.String:
		if len(v.Parts) == 1 && v.Parts[0].Expression == nil {
			return v.Parts[0].Literal, true
		}
	case schema.List:
		items := make([]any, len(v.Items))
		for i := range v.Items {
			item, ok := v.Items[i].Literal()
			if !ok {
				return nil, false
			}
			items[i] = item
		}
		return items, true
	case schema.Object:
		members := make(map[string]any, len(v.Entries))
		for _, e := range v.Entries {
			member, ok := e.Value.Literal()
			if !ok {
				return nil, false
			}
			members[e.Key.Value] = member
		}
		return members, true
	}
	return nil, false
}
