package task

import (
	"slices"

	"errand/engine/schema"
)

// Parameters returns the input type with the rules that the type of a parameter can express.
func (t Type) Parameters() schema.Type {
	shown := t.Input
	shown.Fields = slices.Clone(shown.Fields)
	for _, r := range t.Rules {
		for i := range shown.Fields {
			if f := &shown.Fields[i]; slices.Contains(r.Parameters, f.Name) {
				switch r.Kind {
				case FormKind:
					f.Type.Pattern = r.Pattern
				case AtMostKind:
					f.Type.MaxLength = r.Limit
				}
			}
		}
	}
	return shown
}

// RuleSchemas returns a JSON Schema for each rule about several parameters. A value may be a text
// with an expression; nobody knows then whether it is given.
func (t Type) RuleSchemas() []any {
	nothing := map[string]any{"enum": []any{nil, "", []any{}, map[string]any{}}}
	expression := map[string]any{"type": "string", "pattern": `\$\{\{`}
	with := func(name string, not map[string]any) any {
		return map[string]any{"required": []any{name}, "properties": map[string]any{name: map[string]any{"not": not}}}
	}
	anyOf := func(names []string, not map[string]any) map[string]any {
		var list []any
		for _, name := range names {
			list = append(list, with(name, not))
		}
		return map[string]any{"anyOf": list}
	}
	var all []any
	for _, r := range t.Rules {
		switch r.Kind {
		case AnyOfKind:
			all = append(all, anyOf(r.Parameters, nothing))
		case ExcludesKind:
			unknown := map[string]any{"anyOf": []any{nothing, expression}}
			both := map[string]any{"allOf": []any{with(r.Parameters[0], unknown), anyOf(r.Parameters[1:], unknown)}}
			all = append(all, map[string]any{"not": both})
		}
	}
	return all
}
