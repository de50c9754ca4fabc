package console

import (
	"fmt"
	"strings"

	"errand/engine/schema"
)

// typeWords describes a type for people who know no programming language, such as "whole number from 1
// to 3".
func typeWords(t schema.Type) string {
	if len(t.Enum) > 0 {
		texts := make([]string, len(t.Enum))
		for i, v := range t.Enum {
			texts[i] = choiceText(v)
		}
		return "one of " + strings.Join(texts, ", ")
	}
	switch t.Kind {
	case schema.String:
		return "text" + textBounds(t)
	case schema.Integer:
		return "whole number" + numberBounds(t)
	case schema.Number:
		return "number" + numberBounds(t)
	case schema.Boolean:
		return "yes or no"
	case schema.Duration:
		return "duration"
	case schema.List:
		if t.Items == nil || t.Items.Kind == schema.Any {
			return "list"
		}
		return "list; each item: " + typeWords(*t.Items)
	case schema.Object:
		return "object" + memberWords(t)
	}
	return "any value"
}

func textBounds(t schema.Type) string {
	var bounds []string
	if t.Pattern != "" {
		bounds = append(bounds, "that matches the pattern "+t.Pattern)
	}
	if t.MaxLength > 0 {
		bounds = append(bounds, fmt.Sprintf("of at most %d bytes", t.MaxLength))
	}
	if len(bounds) == 0 {
		return ""
	}
	return " " + strings.Join(bounds, ", ")
}

func numberBounds(t schema.Type) string {
	switch {
	case t.Minimum != nil && t.Maximum != nil:
		return fmt.Sprintf(" from %s to %s", schema.Show(*t.Minimum), schema.Show(*t.Maximum))
	case t.Minimum != nil:
		return fmt.Sprintf(", at least %s", schema.Show(*t.Minimum))
	case t.Maximum != nil:
		return fmt.Sprintf(", at most %s", schema.Show(*t.Maximum))
	}
	return ""
}

func memberWords(t schema.Type) string {
	if len(t.Fields) == 0 {
		if t.Items == nil || t.Items.Kind == schema.Any {
			return ""
		}
		return "; each value: " + typeWords(*t.Items)
	}
	members := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		members[i] = f.Name + " (" + typeWords(f.Type)
		if !f.Required {
			members[i] += ", optional"
		}
		members[i] += ")"
	}
	return " with " + strings.Join(members, ", ")
}
