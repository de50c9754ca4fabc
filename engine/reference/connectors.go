package reference

import (
	"fmt"
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
			b.WriteString(inputTable(t.Input.Fields))
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

func inputTable(fields []schema.Field) string {
	rows := make([][]string, len(fields))
	for i, f := range fields {
		preset, required := "", yes(f.Required)
		if f.Default != nil {
			preset = Code(string(schema.Encode(f.Default)))
		}
		if f.Unless != "" {
			unless := "unless " + Code(f.Unless)
			if f.Required {
				required = unless
			} else {
				preset += " " + unless
			}
		}
		var about strings.Builder
		about.WriteString(Plain(f.Description))
		for _, caution := range f.Type.Discouraged {
			about.WriteString(" " + Code(caution.Value) + " is discouraged: " + Plain(caution.Reason) + ".")
		}
		rows[i] = []string{Code(f.Name), f.Title, typeOf(f.Type.NotNull()), required, preset, about.String()}
	}
	return table([]string{"parameter", "title", "type", "required", "default", "description"}, rows)
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
