package lsp

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// afterEdits returns the document after edits that do not overlap.
func (d *document) afterEdits(edits []textEdit) *document {
	edits = slices.Clone(edits)
	slices.SortFunc(edits, func(a, b textEdit) int { return d.offset(a.Range.Start) - d.offset(b.Range.Start) })
	var text strings.Builder
	done := 0
	for _, e := range edits {
		text.WriteString(d.text[done:d.offset(e.Range.Start)] + e.NewText)
		done = d.offset(e.Range.End)
	}
	text.WriteString(d.text[done:])
	return newDocument(d.uri, d.version, text.String(), d.utf8)
}

// editsTo returns the edits that change the document to another text: one edit for each line that
// differs, or a single edit if the number of lines differs.
func (d *document) editsTo(text string) workspaceEdit {
	old, made := strings.SplitAfter(d.text, "\n"), strings.SplitAfter(text, "\n")
	if len(old) != len(made) {
		old, made = []string{d.text}, []string{text}
	}
	edits := []textEdit{}
	at := 0
	for i := range old {
		if old[i] != made[i] {
			edits = append(edits, d.edit(at, old[i], made[i]))
		}
		at += len(old[i])
	}
	return workspaceEdit{Changes: map[string][]textEdit{d.uri: edits}}
}

// edit returns the edit that replaces the difference between two texts. The old text is at an
// offset.
func (d *document) edit(at int, old, made string) textEdit {
	from := 0
	for from < len(old) && from < len(made) && old[from] == made[from] {
		from++
	}
	for from > 0 && (from < len(old) && !utf8.RuneStart(old[from]) || from < len(made) && !utf8.RuneStart(made[from])) {
		from--
	}
	tail := 0
	for tail < len(old)-from && tail < len(made)-from && old[len(old)-1-tail] == made[len(made)-1-tail] {
		tail++
	}
	for tail > 0 && !utf8.RuneStart(made[len(made)-tail]) {
		tail--
	}
	return textEdit{d.span(at+from, at+len(old)-tail), made[from : len(made)-tail]}
}
