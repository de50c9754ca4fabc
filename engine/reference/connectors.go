package reference

import (
	"fmt"
	"slices"
	"strings"

	"errand/engine/schema"
	"errand/engine/task"
)

// Connectors returns the reference of a registry's connectors in Markdown: the credential of each,
// and the parameters and outputs of its task types.
func Connectors(registry *task.Registry) string {
	var b strings.Builder
	for i, c := range registry.Connectors() {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "### %s: %s\n\n%s", c.Name, c.Title, c.Description)
		if len(c.Credential) == 0 {
			b.WriteString(" It needs no credential.\n")
		} else {
			b.WriteString(" Its credential:\n\n" + credentialTable(c.Credential))
		}
		for _, t := range c.Types {
			fmt.Fprintf(&b, "\n#### %s\n\n%s. %s *%s*: %s.\n\n", t.Name, t.Title, t.Doc, capital(string(t.Effect)), t.Effect.Doc())
			b.WriteString(inputTable(t))
			b.WriteString(list(t.Sentences()))
			b.WriteString("\n" + outputTable(t.Output.Fields[len(task.Result):]))
		}
	}
	return b.String()
}

func credentialTable(parameters []task.Parameter) string {
	rows := make([][]string, len(parameters))
	for i, p := range parameters {
		rows[i] = []string{Code(p.Name), p.Title, yes(p.Encrypted), code(p.Default), code(p.Variable), Plain(p.Description)}
	}
	return table([]string{"parameter", "title", "encrypted", "default", "variable", "description"}, rows)
}

func inputTable(t task.Type) string {
	fields := t.Parameters().Fields
	rows := make([][]string, len(fields))
	for i, f := range fields {
		preset := ""
		if f.Default != nil {
			preset = Code(string(schema.Encode(f.Default)))
		}
		if f.Unless != "" {
			preset += " unless " + Code(f.Unless)
		}
		var about strings.Builder
		about.WriteString(Plain(f.Description))
		for _, caution := range f.Type.Discouraged {
			about.WriteString(" " + Code(caution.Value) + " is discouraged: " + Plain(caution.Reason) + ".")
		}
		rows[i] = []string{Code(f.Name), f.Title, typeOf(f.Type.NotNull()), required(t, f), preset, about.String()}
	}
	return table([]string{"parameter", "title", "type", "required", "default", "description"}, rows)
}

// required returns whether a parameter is required, or the only one that can be given instead.
func required(t task.Type, f schema.Field) string {
	for _, r := range t.Rules {
		if at := slices.Index(r.Parameters, f.Name); at >= 0 && r.Kind == task.AnyOfKind && len(r.Parameters) == 2 {
			return "unless " + Code(r.Parameters[1-at])
		}
	}
	return yes(f.Required)
}

// list returns sentences as a list.
func list(sentences []string) string {
	var b strings.Builder
	for i, sentence := range sentences {
		if i == 0 {
			b.WriteString("\n")
		}
		b.WriteString("- " + Plain(sentence) + "\n")
	}
	return b.String()
}

func outputTable(fields []schema.Field) string {
	if len(fields) == 0 {
		return "It has no outputs of its own.\n"
	}
	rows := make([][]string, len(fields))
	for i, f := range fields {
		rows[i] = []string{Code(f.Name), f.Title, typeOf(f.Type), Plain(f.Description)}
	}
	return table([]string{"output", "title", "type", "description"}, rows)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return Code(text)
}

func capital(word string) string { return strings.ToUpper(word[:1]) + word[1:] }
