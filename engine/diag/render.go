package diag

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// A Style says how problems look on a terminal.
type Style struct {
	Color bool
}

// Sources gives the bytes of a file that a problem names, or nil.
type Sources func(file string) []byte

// Render writes problems for a person: what, where, the line with a mark under what is wrong, and what to do. Of a range of several
// lines the first is shown; a line that is too long for a terminal is cut around the mark. A label that has no line to stand under
// becomes a note. A text that one of the problems hides is hidden wherever its line is shown.
func Render(w io.Writer, problems []Problem, sources Sources, style Style) error {
	var b bytes.Buffer
	for i, p := range problems {
		if i > 0 {
			b.WriteByte('\n')
		}
		r := renderer{b: &b, style: style}
		r.problem(p, sources(p.Range.File), problems)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// Count words how many problems of each severity there are, such as "2 errors, 1 warning"; "" for none.
func Count(problems []Problem) string {
	errors := 0
	for _, p := range problems {
		if p.IsError() {
			errors++
		}
	}
	var words []string
	for _, n := range []struct {
		count int
		noun  string
	}{{errors, "error"}, {len(problems) - errors, "warning"}} {
		switch n.count {
		case 0:
		case 1:
			words = append(words, "1 "+n.noun)
		default:
			words = append(words, fmt.Sprintf("%d %ss", n.count, n.noun))
		}
	}
	return strings.Join(words, ", ")
}

type renderer struct {
	b     *bytes.Buffer
	style Style
}

const (
	red, yellow, blue, bold, plain = "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;34m", "\x1b[1m", "\x1b[0m"
)

func (r renderer) paint(color, s string) string {
	if !r.style.Color || s == "" {
		return s
	}
	return color + s + plain
}

func (r renderer) problem(p Problem, source []byte, all []Problem) {
	severity := cmp.Or(p.Severity, Error)
	color := red
	if severity == Warning {
		color = yellow
	}
	fmt.Fprintf(r.b, "%s%s\n", r.paint(color, fmt.Sprintf("%s[%s]", severity, p.Rule)), r.paint(bold, ": "+Printable(p.Message)))
	start := p.Range.Start
	if start.Line == 0 {
		fmt.Fprintf(r.b, "  %s %s\n", r.paint(blue, "-->"), Printable(p.Range.File))
		r.notes("  ", p, p.Label)
		return
	}
	gutter := strings.Repeat(" ", len(fmt.Sprint(start.Line)))
	fmt.Fprintf(r.b, "%s%s %s:%d:%d\n", gutter, r.paint(blue, "-->"), Printable(p.Range.File), start.Line, start.Column)
	line, ok := lineOf(source, start.Line)
	if !ok {
		r.notes(gutter+" ", p, p.Label)
		return
	}
	line = hide(line, start.Line, p.Range.File, all)
	bar := r.paint(blue, "|")
	text, offset, width := excerpt(line, p.Range)
	fmt.Fprintf(r.b, "%s %s\n%s %s\n", gutter, bar, r.paint(blue, fmt.Sprint(start.Line)), strings.TrimRight(bar+" "+text, " "))
	carets := r.paint(color, strings.TrimRight(strings.Repeat("^", width)+" "+Printable(p.Label), " "))
	fmt.Fprintf(r.b, "%s %s %s%s\n", gutter, bar, strings.Repeat(" ", offset), carets)
	if p.Help != "" || len(p.Notes) > 0 {
		fmt.Fprintf(r.b, "%s %s\n", gutter, bar)
	}
	r.notes(gutter+" ", p, "")
}

// notes writes what stands below: the help, a label that found no other place, and the notes.
func (r renderer) notes(indent string, p Problem, label string) {
	line := func(kind, text string) {
		text = strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n"+indent+strings.Repeat(" ", len("= "+kind+": ")))
		fmt.Fprintf(r.b, "%s%s %s %s\n", indent, r.paint(blue, "="), r.paint(bold, kind+":"), printableLines(text))
	}
	if p.Help != "" {
		line("help", p.Help)
	}
	if label != "" {
		line("note", label)
	}
	for _, note := range p.Notes {
		line("note", note)
	}
}

func lineOf(source []byte, number int) (string, bool) {
	for n := 1; ; n++ {
		line, rest, more := bytes.Cut(source, []byte("\n"))
		if n == number {
			return strings.TrimSuffix(string(line), "\r"), len(source) > 0
		}
		if !more {
			return "", false
		}
		source = rest
	}
}

// hide puts a star in the place of each character that is a secret.
func hide(line string, number int, file string, problems []Problem) string {
	var runes []rune
	for _, p := range problems {
		start, end := p.Range.Start, p.Range.End
		if !p.Hidden || p.Range.File != file || number < start.Line || number > max(start.Line, end.Line) {
			continue
		}
		if runes == nil {
			runes = []rune(strings.ToValidUTF8(line, "\uFFFD"))
		}
		from, to := 0, len(runes)
		if number == start.Line {
			from = min(max(start.Column-1, 0), to)
		}
		if number == end.Line {
			to = min(max(end.Column-1, from), to)
		}
		for i := from; i < to; i++ {
			runes[i] = '*'
		}
	}
	if runes == nil {
		return line
	}
	return string(runes)
}

// excerpt is the line made fit for a terminal, with the cells before and under the range. A long line is cut around the range's
// start.
func excerpt(line string, at Range) (text string, offset, width int) {
	const most = 120
	runes := []rune(strings.ToValidUTF8(line, "\uFFFD"))
	from := min(max(at.Start.Column-1, 0), len(runes))
	to := len(runes)
	if at.End.Line == at.Start.Line {
		to = min(max(at.End.Column-1, from), len(runes))
	} else if at.End.Line == 0 {
		to = from
	}
	left, right, before, behind := 0, len(runes), "", ""
	if len(runes) > most {
		left = max(0, min(from-most/3, len(runes)-most))
		right = min(len(runes), left+most)
		to = min(to, right)
		if left > 0 {
			before = "…"
		}
		if right < len(runes) {
			behind = "…"
		}
	}
	head, marked, tail := cells(runes[left:from]), cells(runes[from:to]), cells(runes[to:right])
	return before + head + marked + tail + behind, Width(before + head), max(1, Width(marked))
}

// cells writes tabs as four spaces each, and the rest as Printable does.
func cells(runes []rune) string {
	return Printable(strings.ReplaceAll(string(runes), "\t", "    "))
}

// Printable makes a text safe to show on one line of a terminal: a tab becomes a space, and what a terminal would obey rather than
// show becomes U+FFFD: control characters, line breaks, marks that change the direction of writing, and bytes that are not UTF-8.
func Printable(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\t':
			return ' '
		case unicode.IsControl(c), unicode.In(c, unicode.Bidi_Control, unicode.Zl, unicode.Zp):
			return unicode.ReplacementChar
		}
		return c
	}, s)
}

func printableLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = Printable(lines[i])
	}
	return strings.Join(lines, "\n")
}
