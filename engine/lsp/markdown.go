package lsp

import (
	"strings"

	"errand/engine/definition"
	"errand/engine/expression"
	"errand/engine/schema"
	"errand/engine/task"
)

// The texts in this file are Markdown, for hovers and completions.

func markdown(text string) markup { return markup{Kind: "markdown", Value: text} }

// taskText describes a task type.
func taskText(t task.Type) string {
	var b strings.Builder
	b.WriteString("**" + t.Name + "** · " + t.Title + "\n\n" + t.Doc + "\n")
	fieldList(&b, "Parameters", t.Input.Fields, true)
	fieldList(&b, "Outputs", t.Output.Fields, false)
	return strings.TrimRight(b.String(), "\n")
}

// workflowText describes another workflow.
func workflowText(name string, w *calledWorkflow) string {
	var b strings.Builder
	b.WriteString("**" + name + "**")
	if title := w.definition.Title.Value; title != "" {
		b.WriteString(" · " + title)
	}
	if text := w.definition.Description.Value; text != "" {
		b.WriteString("\n\n" + strings.TrimSpace(text))
	}
	b.WriteString("\n")
	fieldList(&b, "Inputs", w.fields, true)
	if w.program != nil {
		var outputs []schema.Field
		for _, o := range w.program.Outputs {
			outputs = append(outputs, schema.Field{Name: o.Name, Type: o.Type, Required: true})
		}
		fieldList(&b, "Outputs", outputs, false)
	}
	return strings.TrimRight(b.String(), "\n")
}

func fieldList(b *strings.Builder, title string, fields []schema.Field, given bool) {
	if len(fields) == 0 {
		return
	}
	b.WriteString("\n" + title + ":\n\n")
	for _, f := range fields {
		b.WriteString("- `" + f.Name + "`: " + typeText(f, given))
		if f.Description != "" {
			b.WriteString(". " + f.Description)
		}
		b.WriteString("\n")
	}
}

// typeText describes a type in a few words. given says that the field takes a value, so that the
// text says whether it is required.
func typeText(f schema.Field, given bool) string {
	text := f.Type.String()
	switch {
	case given && f.Default != nil:
		text += ", defaults to `" + plain(f.Default) + "`"
	case given && f.Required:
		text += ", required"
	case given && !f.Type.Nullable:
		text += ", optional"
	}
	if f.Unless != "" {
		text += " unless `" + f.Unless + "` is given"
	}
	return text
}

func plain(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return string(schema.Encode(v))
}

// fieldText describes a parameter or an input.
func fieldText(f schema.Field) string {
	var text strings.Builder
	text.WriteString("`" + f.Name + "`: " + typeText(f, true))
	if f.Description != "" {
		text.WriteString("\n\n" + f.Description)
	}
	for _, line := range constraints(f.Type) {
		text.WriteString("\n\n" + line)
	}
	return text.String()
}

// constraints describes the constraints on a value.
func constraints(t schema.Type) []string {
	var lines []string
	if len(t.Enum) > 0 {
		words := make([]string, len(t.Enum))
		for i, v := range t.Enum {
			words[i] = "`" + plain(v) + "`"
		}
		lines = append(lines, "One of "+strings.Join(words, ", ")+".")
	}
	if t.Pattern != "" {
		lines = append(lines, "Matches `"+t.Pattern+"`.")
	}
	if t.Minimum != nil {
		lines = append(lines, "At least "+plain(*t.Minimum)+".")
	}
	if t.Maximum != nil {
		lines = append(lines, "At most "+plain(*t.Maximum)+".")
	}
	for _, c := range t.Discouraged {
		lines = append(lines, "`"+c.Value+"` is discouraged: "+c.Reason+".")
	}
	return lines
}

func functionText(f expression.Function) string { return "`" + f.Signature + "`: " + f.Doc }

// stepText returns the name of a step and what it does.
func stepText(s *definition.Step) string {
	text := "step `" + s.Key() + "`"
	if s.Name.Value != "" {
		text += " · " + s.Name.Value
	}
	if does := formText(s); does != "" {
		text += "\n\n" + does
	}
	return text
}

// formText returns what a step calls, or the word of its form.
func formText(s *definition.Step) string {
	form, calls := s.Form.(definition.Caller)
	switch {
	case !calls:
		return s.Word
	case s.Word == definition.SubworkflowForm:
		return s.Word + " " + form.Callee().Value
	}
	return form.Callee().Value
}
