package graph

import (
	"strings"

	"errand/engine/definition"
	"errand/engine/program"
	"errand/engine/schema"
)

// sourceSteps has the steps of a definition by key, with their original texts. A program has its
// templates only in compiled form, but a picture shows the words of the author.
type sourceSteps map[string]*definition.Step

func sourceStepsOf(p *program.Program) sourceSteps {
	w := sourceSteps{}
	d, _ := definition.Parse(p.File, p.Own())
	for s := range d.AllSteps() {
		w[s.Key()] = s
	}
	return w
}

// items returns the list of a for_each.
func (w sourceSteps) items(key string) string {
	if s := w[key]; s != nil {
		if f, ok := s.Form.(*definition.ForEach); ok {
			return clean(displayText(f.List))
		}
	}
	return "a list"
}

// ask returns the question of an approval, or "" if it is unknown.
func (w sourceSteps) ask(key string) string {
	if s := w[key]; s != nil {
		if a, ok := s.Form.(*definition.Approval); ok {
			return clean(displayText(a.Ask))
		}
	}
	return ""
}

// failure returns the message of a fail, or "" if it is unknown.
func (w sourceSteps) failure(key string) string {
	if s := w[key]; s != nil {
		if f, ok := s.Form.(*definition.Fail); ok {
			return clean(displayText(f.Message))
		}
	}
	return ""
}

// parameter returns the value of a task's parameter, or "" if it has none.
func (w sourceSteps) parameter(key, name string) string {
	if s := w[key]; s != nil {
		if t, ok := s.Form.(*definition.Task); ok {
			for _, e := range t.With {
				if e.Key.Value == name {
					return clean(displayText(e.Value))
				}
			}
		}
	}
	return ""
}

// displayText returns a value for people: a single expression as it is, an expression inside a text
// in braces, a list without its brackets.
func displayText(v definition.Value) string {
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
			if items[i] = displayText(item); item.Kind == schema.List {
				items[i] = "[" + items[i] + "]"
			}
		}
		return strings.Join(items, ", ")
	case schema.Object:
		members := make([]string, len(v.Entries))
		for i, e := range v.Entries {
			members[i] = e.Key.Value + ": " + displayText(e.Value)
		}
		return "{" + strings.Join(members, ", ") + "}"
	}
	return v.Text.Value
}
