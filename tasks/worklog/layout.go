package worklog

import (
	"strings"

	"errand/engine/task"
)

// layout arranges the parts one below the other, with empty lines between them:
//
//	EC2 instance i-0a1b2c3d4e5f60001 started
//
//	Previous state:  stopped
//	Current state:   pending
//
//	Closing words.
func layout(heading string, fields Fields, note string) string {
	var parts []string
	for _, part := range []string{task.CleanText(heading), column(fields), task.CleanText(note)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "\n\n")
}

// column writes one field per line, with the values aligned. Further lines of a value are indented
// to its first line.
func column(fields Fields) string {
	labels, widest := make([]string, len(fields)), 0
	for i, f := range fields {
		labels[i] = strings.Join(strings.Fields(task.CleanText(f.Label)), " ") + ":"
		widest = max(widest, width(labels[i]))
	}
	indent := strings.Repeat(" ", widest+2)
	lines := make([]string, len(fields))
	for i, f := range fields {
		value := strings.ReplaceAll(task.CleanText(f.text()), "\n", "\n"+indent)
		lines[i] = labels[i] + strings.Repeat(" ", widest+2-width(labels[i])) + value
	}
	return task.CleanText(strings.Join(lines, "\n"))
}
