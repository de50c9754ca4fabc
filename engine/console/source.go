package console

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"errand/engine/catalog"
	"errand/engine/diag"
)

// A sourceText is the present text of a workflow, with its problems.
type sourceText struct {
	File    string
	Summary string // how many problems there are; "" if there are none
	Flaws   []flaw // all of them
	Lines   []sourceLine
	More    int // lines that are not shown
}

// A sourceLine is a line of a definition.
type sourceLine struct {
	ID    string
	Parts []sourcePart
	Flaws []flaw
}

// A sourcePart is a part of a line.
type sourcePart struct {
	Text string
	Bad  bool // a problem is about it
}

// A flaw is a problem of a definition.
type flaw struct {
	State   state
	Place   string // for people, such as "line 12"
	Href    string // of the line; "" if the page does not show it
	Message string
	Help    string
}

// Limits of a text on the page.
const (
	mostLines   = 3000
	longestLine = 500 // characters
)

// sourceOf returns a definition as the page shows it. What a problem hides is replaced, and so are
// characters that would change the order in which others are shown.
func sourceOf(d catalog.Definition) *sourceText {
	s := &sourceText{File: d.File, Summary: diag.Summary(d.Problems)}
	text := strings.TrimPrefix(string(d.Text), "\uFEFF")
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	s.More = max(0, len(lines)-mostLines)
	lines = lines[:len(lines)-s.More]
	at := map[int][]diag.Problem{} // by line
	for _, p := range d.Problems {
		f := flaw{State: severityState(p), Message: p.Message, Help: p.Help, Place: "the file " + p.Range.File}
		switch line := p.Range.Start.Line; {
		case line > 0 && p.Range.File != d.File:
			f.Place = p.Range.File + ", line " + strconv.Itoa(line)
		case line > 0 && p.Range.File == d.File:
			f.Place = "line " + strconv.Itoa(line)
			if line <= len(lines) {
				f.Href = "#line-" + strconv.Itoa(line)
				at[line] = append(at[line], p)
			}
		}
		s.Flaws = append(s.Flaws, f)
	}
	for i, line := range lines {
		number := i + 1
		shown := diag.Printable(diag.HideSecrets(strings.TrimSuffix(line, "\r"), number, d.File, d.Problems))
		made := sourceLine{ID: "line-" + strconv.Itoa(number), Parts: partsOf([]rune(shown), number, at[number])}
		for _, p := range at[number] {
			made.Flaws = append(made.Flaws, flaw{State: severityState(p), Message: p.Message, Help: p.Help})
		}
		s.Lines = append(s.Lines, made)
	}
	return s
}

// severityState returns how a problem is shown.
func severityState(p diag.Problem) state {
	if p.IsError() {
		return state{"error", "bad", icons["bad"]}
	}
	return state{"warning", "ask", icons["ask"]}
}

// partsOf divides a line into what problems are about and the rest.
func partsOf(line []rune, number int, problems []diag.Problem) (parts []sourcePart) {
	type span struct{ from, to int }
	var bad []span
	for _, p := range problems {
		from, to := p.Range.Start.Column-1, len(line)
		if p.Range.End.Line == number {
			to = p.Range.End.Column - 1
		}
		if from = max(from, 0); from < to && to <= len(line) {
			bad = append(bad, span{from, to})
		}
	}
	slices.SortFunc(bad, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	end := min(len(line), longestLine)
	at := 0
	add := func(to int, isBad bool) {
		if to = min(to, end); to > at {
			parts = append(parts, sourcePart{string(line[at:to]), isBad})
			at = to
		}
	}
	for _, b := range bad {
		add(b.from, false)
		add(b.to, true)
	}
	add(end, false)
	if end < len(line) {
		parts = append(parts, sourcePart{Text: "…"})
	}
	return parts
}
