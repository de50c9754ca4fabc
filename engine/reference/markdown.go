package reference

import (
	"strings"

	"errand/engine/schema"
)

// table returns a Markdown table. The cells are Markdown.
func table(head []string, rows [][]string) string {
	var b strings.Builder
	line := func(cells []string) { b.WriteString("| " + strings.Join(cells, " | ") + " |\n") }
	line(head)
	b.WriteString(strings.Repeat("|---", len(head)) + "|\n")
	for _, row := range rows {
		line(row)
	}
	return b.String()
}

// Code returns a text as code in a table.
func Code(text string) string {
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if len(fence) > 1 {
		text = " " + text + " "
	}
	return fence + strings.ReplaceAll(text, "|", `\|`) + fence
}

var markup = strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`, "\n", " ")

// Plain returns a text unchanged in a table. Text between backticks is code.
func Plain(text string) string {
	parts := strings.Split(text, "`")
	for i, part := range parts {
		if i%2 == 1 && i < len(parts)-1 {
			parts[i] = Code(part)
		} else {
			parts[i] = markup.Replace(part)
		}
	}
	return strings.Join(parts, "")
}

// typeOf returns the name of a type with its constraints: "string, at most 80 bytes".
func typeOf(t schema.Type) string {
	words := append([]string{Plain(t.String())}, constraints(t)...)
	if t.Items != nil {
		for _, c := range constraints(*t.Items) {
			words = append(words, "each "+c)
		}
	}
	return strings.Join(words, ", ")
}

// constraints returns what the values of a type must satisfy, in words.
func constraints(t schema.Type) (words []string) {
	if t.Pattern != "" {
		words = append(words, "matching "+Code(t.Pattern))
	}
	if len(t.Enum) > 0 {
		values := make([]string, len(t.Enum))
		for i, v := range t.Enum {
			values[i] = schema.Show(v)
		}
		words = append(words, "one of "+strings.Join(values, ", "))
	}
	if t.Minimum != nil {
		words = append(words, "at least "+schema.Show(*t.Minimum))
	}
	if t.Maximum != nil {
		words = append(words, "at most "+schema.Show(*t.Maximum))
	}
	if t.MaxLength > 0 {
		words = append(words, "at most "+schema.Show(t.MaxLength)+" bytes")
	}
	return words
}
