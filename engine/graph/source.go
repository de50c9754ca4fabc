package graph

import (
	"strings"

	"errand/engine/definition"
	"errand/engine/program"
	"errand/engine/schema"
)

// written are the steps of a definition by key, as they were written. A program keeps its templates only in the form in which they are
// filled, and a picture shows them in the words of their author.
type written map[string]*definition.Step

func writtenIn(p *program.Program) written {
	w := written{}
	d, _ := definition.Parse(p.File, p.Own())
	for s := range d.AllSteps() {
		w[s.Key()] = s
	}
	return w
}

// items is the list of a for_each.
func (w written) items(key string) string {
	if s := w[key]; s != nil {
		if f, ok := s.Form.(*definition.ForEach); ok {
			return clean(shown(f.List))
		}
	}
	return "a list"
}

// ask is the question of an approval; "" where it is not known.
func (w written) ask(key string) string {
	if s := w[key]; s != nil {
		if a, ok := s.Form.(*definition.Approval); ok {
			return clean(shown(a.Ask))
		}
	}
	return ""
}

// parameter is what a task is given; "" where it is given none of that name.
func (w written) parameter(key, name string) string {
	if s := w[key]; s != nil {
		if t, ok := s.Form.(*definition.Task); ok {
			for _, e := range t.With {
				if e.Key.Value == name {
					return clean(shown(e.Value))
				}
			}
		}
	}
	return ""
}

// shown is a value for people: one expression as it is, an expression in a text within braces, a list without its brackets.
func shown(v definition.Value) string {
	switch v.Kind {
	case schema.String:
		if len(v.Parts) == 1 && v.Parts[0].Expression != nil {
			return v.Parts[0].Expression.Source
		}
		var b strings.Builder
		for _, part := range v.Parts {
			if part.Expression != nil {
				b.WriteString("{" + strings.TrimSpace(part.Expression.Source) + "}")
			} else {
				b.WriteString(part.Literal)
			}
		}
		return b.String()
	case schema.List:
		items := make([]string, len(v.Items))
		for i, item := range v.Items {
			if items[i] = shown(item); item.Kind == schema.List {
				items[i] = "[" + items[i] + "]"
			}
		}
		return strings.Join(items, ", ")
	case schema.Object:
		members := make([]string, len(v.Entries))
		for i, e := range v.Entries {
			members[i] = e.Key.Value + ": " + shown(e.Value)
		}
		return "{" + strings.Join(members, ", ") + "}"
	}
	return v.Text.Value
}
