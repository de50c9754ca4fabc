package diag

import (
	"cmp"
	"encoding/json"
	"io"
)

// WriteJSON writes problems for programs:
//
//	{"version": 1, "problems": [{"rule", "severity", "message", "file", "line", "column",
//		"end_line", "end_column", "label", "help", "notes", "fix"}]}
//
// Lines and columns count from 1, columns in characters. A line of 0 means the file as a whole; an
// end_line of 0 means that there is no end. The last four members are omitted if they are empty. A
// fix is always in the problem's own file: {"title", "line", "column", "end_line", "end_column",
// "text"}.
func WriteJSON(w io.Writer, problems []Problem) error {
	document := struct {
		Version  int           `json:"version"`
		Problems []jsonProblem `json:"problems"`
	}{Version: 1, Problems: make([]jsonProblem, len(problems))}
	for i, p := range problems {
		document.Problems[i] = jsonProblem{
			Rule: p.Rule, Severity: cmp.Or(p.Severity, Error), Message: p.Message, File: p.Range.File,
			jsonSpan: spanOf(p.Range), Label: p.Label, Help: p.Help, Notes: p.Notes,
		}
		if p.Fix != nil {
			document.Problems[i].Fix = &jsonFix{Title: p.Fix.Title, jsonSpan: spanOf(p.Fix.Range), Text: p.Fix.Text}
		}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(document)
}

type jsonProblem struct {
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	Message  string   `json:"message"`
	File     string   `json:"file"`
	jsonSpan
	Label string   `json:"label,omitempty"`
	Help  string   `json:"help,omitempty"`
	Notes []string `json:"notes,omitempty"`
	Fix   *jsonFix `json:"fix,omitempty"`
}

type jsonFix struct {
	Title string `json:"title"`
	jsonSpan
	Text string `json:"text"`
}

type jsonSpan struct {
	Line      int `json:"line"`
	Column    int `json:"column"`
	EndLine   int `json:"end_line"`
	EndColumn int `json:"end_column"`
}

func spanOf(r Range) jsonSpan {
	return jsonSpan{Line: r.Start.Line, Column: r.Start.Column, EndLine: r.End.Line, EndColumn: r.End.Column}
}
