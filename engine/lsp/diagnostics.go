package lsp

import (
	"strings"

	"errand/engine/diag"
)

// Severities of the protocol.
const (
	severityError   = 1
	severityWarning = 2
)

// diagnostics converts problems to the protocol.
func (d *document) diagnostics(problems []diag.Problem) []diagnostic {
	list := make([]diagnostic, len(problems))
	for i, p := range problems {
		list[i] = d.diagnostic(p)
	}
	return list
}

func (d *document) diagnostic(p diag.Problem) diagnostic {
	severity := severityError
	if !p.IsError() {
		severity = severityWarning
	}
	return diagnostic{Range: d.extent(p.Range), Severity: severity, Code: p.Rule, Source: "errand", Message: wording(p)}
}

// wording returns the texts of a problem, as on a terminal: the message with the label, followed by
// the help and the notes.
func wording(p diag.Problem) string {
	var b strings.Builder
	b.WriteString(p.Message)
	if p.Label != "" {
		b.WriteString(" (" + p.Label + ")")
	}
	if p.Help != "" {
		b.WriteString("\nhelp: " + p.Help)
	}
	for _, note := range p.Notes {
		b.WriteString("\nnote: " + note)
	}
	return b.String()
}
