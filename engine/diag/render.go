package diag

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// A Style is how problems look on a terminal.
type Style struct {
	Color bool
}

// Sources returns the content of a file that a problem names, or nil.
type Sources func(file string) []byte

// Render writes problems for a person: the message, the place, the source line with a mark under
// the text that is wrong, and what to do. Of a range of several lines it shows the first; it cuts a
// line that is too long for a terminal around the mark. A label without a source line becomes a
// note. Text that one of the problems hides is hidden on every line that is shown.
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

// Summary returns how many problems of each severity there are, such as "2 errors, 1 warning", or
// "" if there are none.
func Summary(problems []Problem) string {
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
	line = HideSecrets(line, start.Line, p.Range.File, all)
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

// notes writes the lines below the source: the help, a label that has no source line, and the
// notes.
func (r renderer) notes(indent string, p Problem, label string) {
	line := func(kind, text string) {
		text = strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n"+indent+strings.Repeat(" ", len("= "+kind+": ")))
		fmt.Fprintf(r.b, "%s%s %s %s\n", indent, r.paint(blue, "="), r.paint(bold, kind+":"), PrintableText(strings.ReplaceAll(text, "\t", " ")))
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

// HideSecrets replaces each character by a star that one of the problems hides. The line is the one with
// the number in the file, without its line break.
func HideSecrets(line string, number int, file string, problems []Problem) string {
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

// excerpt returns the line in a form that is fit for a terminal, the number of cells before the
// range, and the number of cells of the range. It cuts a long line around the start of the range.
func excerpt(line string, at Range) (text string, offset, width int) {
	const maxLength = 120 // in characters
	runes := []rune(strings.ToValidUTF8(line, "\uFFFD"))
	from := min(max(at.Start.Column-1, 0), len(runes))
	to := len(runes)
	if at.End.Line == at.Start.Line {
		to = min(max(at.End.Column-1, from), len(runes))
	} else if at.End.Line == 0 {
		to = from
	}
	left, right, before, after := 0, len(runes), "", ""
	if len(runes) > maxLength {
		left = max(0, min(from-maxLength/3, len(runes)-maxLength))
		right = min(len(runes), left+maxLength)
		to = min(to, right)
		if left > 0 {
			before = "…"
		}
		if right < len(runes) {
			after = "…"
		}
	}
	head, marked, tail := cells(runes[left:from]), cells(runes[from:to]), cells(runes[to:right])
	return before + head + marked + tail + after, Width(before + head), max(1, Width(marked))
}

// cells replaces a tab by four spaces; otherwise it does what Printable does.
func cells(runes []rune) string {
	return Printable(strings.ReplaceAll(string(runes), "\t", "    "))
}

// Printable returns a text that is safe to show on one line of a terminal. A tab or a line break becomes
// a space. Whatever a terminal would interpret instead of showing becomes U+FFFD: control characters,
// marks that change the direction of writing, and bytes that are not UTF-8.
func Printable(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\t' || c == '\n':
			return ' '
		case !IsPrintable(c):
			return unicode.ReplacementChar
		}
		return c
	}, strings.ReplaceAll(s, "\r\n", "\n"))
}

// PrintableText is Printable for a text of several lines. It keeps line breaks and tabs.
func PrintableText(s string) string {
	return strings.Map(func(c rune) rune {
		if c == '\n' || c == '\t' || IsPrintable(c) {
			return c
		}
		return unicode.ReplacementChar
	}, strings.ReplaceAll(s, "\r\n", "\n"))
}

// IsPrintable reports whether a terminal shows a character, rather than interpreting it.
func IsPrintable(c rune) bool {
	return !unicode.IsControl(c) && !unicode.In(c, unicode.Bidi_Control, unicode.Zl, unicode.Zp)
}
