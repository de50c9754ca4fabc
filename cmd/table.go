package cmd

import (
	"fmt"
	"io"
	"strings"

	"errand/engine/diag"
)

// table writes rows in aligned columns with headings. It wraps the last column to the width, but to
// no fewer than 30 cells.
func table(w io.Writer, indent string, width int, headings []string, rows [][]string) {
	widths := make([]int, len(headings))
	for _, row := range append([][]string{headings}, rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], diag.Width(cell))
		}
	}
	last := len(headings) - 1
	lead := diag.Width(indent)
	for _, n := range widths[:last] {
		lead += n + 2
	}
	room := max(width-lead, 30)
	line := func(row []string) {
		var b strings.Builder
		b.WriteString(indent)
		for i, cell := range row[:last] {
			b.WriteString(cell + strings.Repeat(" ", widths[i]-diag.Width(cell)+2))
		}
		for i, text := range wrap(row[last], room) {
			if i > 0 {
				b.WriteString("\n" + strings.Repeat(" ", lead))
			}
			b.WriteString(text)
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
	line(headings)
	for _, row := range rows {
		line(row)
	}
}

// wrap breaks a text at spaces into lines of at most width cells. It does not break words.
func wrap(text string, width int) []string {
	lines, current := []string{}, ""
	for word := range strings.FieldsSeq(text) {
		if current != "" && diag.Width(current)+1+diag.Width(word) > width {
			lines = append(lines, current)
			current = ""
		}
		if current != "" {
			current += " "
		}
		current += word
	}
	return append(lines, current)
}
