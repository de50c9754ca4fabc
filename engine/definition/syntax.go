package definition

import (
	"fmt"
	"io"
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/pattern"
)

// syntax reports an error of the YAML parser. Its messages name no column, and often the line where the surrounding mapping began
// rather than that of the mistake; so the line is found anew, and the cause is looked for on it.
func (r *reader) syntax(err error) {
	message := yamlMessage(err)
	switch {
	case strings.HasPrefix(message, "unknown anchor"):
		r.unknownAnchor(message)
		return
	case strings.HasPrefix(message, "exceeded max depth"):
		r.report(ruleTooLarge, r.span(0, 0), "", "mappings and lists are nested more than %d deep", maxDepth)
		return
	}
	l := r.faulty(message)
	for _, look := range causes {
		if p := look(l); p != nil {
			p.Rule, p.Severity = ruleSyntax, diag.Error
			r.problems = append(r.problems, *p)
			return
		}
	}
	r.report(ruleSyntax, l.place(l.indent, len(l.text)), "", "this line is not YAML: %s", message)
}

var yamlLine = pattern.New(`^(yaml: )?(line [0-9]+: )?`)

func yamlMessage(err error) string {
	return yamlLine.Regexp().ReplaceAllString(err.Error(), "")
}

func (r *reader) unknownAnchor(message string) {
	name := "*" + strings.TrimSuffix(strings.TrimPrefix(message, "unknown anchor '"), "' referenced")
	at := 0
	for from := 0; ; {
		i := strings.Index(r.text[from:], name)
		if i < 0 {
			break
		}
		at = from + i
		if at > 0 && strings.IndexByte(" \t\n[,{", r.text[at-1]) >= 0 {
			break
		}
		from = at + len(name)
	}
	r.report(ruleSyntax, r.span(at, at+len(name)), "quote it where the text is meant: "+quote(name), "%s is a YAML alias, and no anchor before it has this name", name)
}

// A faulty line is where the parser could not go on.
type faultyLine struct {
	*reader
	number  int
	text    string
	start   int    // its offset in the file
	indent  int    // bytes of blanks in front
	message string // the parser's
	value   int    // where the value begins on the line, after `key: ` or `- `
}

var lineShape = pattern.New(`^[ \t]*(- +)*((?:[^\s"'#\[\]{},:-][^:#]*|"[^"]*"|'[^']*'):(?:[ \t]+|$))?`)

func (r *reader) faulty(message string) *faultyLine {
	l := &faultyLine{reader: r, number: r.faultyLine(message), message: message}
	l.text, l.start = r.line(l.number)
	l.indent = len(l.text) - len(strings.TrimLeft(l.text, " \t"))
	l.value = len(lineShape.Regexp().FindString(l.text))
	return l
}

func (l *faultyLine) place(from, to int) diag.Range {
	return l.span(l.start+from, l.start+max(to, from))
}

// content is the value on the line, without a comment.
func (l *faultyLine) content() string { return strings.TrimRight(cutComment(l.text[l.value:]), " \t") }

// faultyLine is the first line up to which the text cannot be read for the same reason. The parser has looked only a little
// further when it gives up, so the search starts at the line that it was given last.
func (r *reader) faultyLine(message string) int {
	given := &countingReader{text: r.text}
	_ = yaml.NewDecoder(given).Decode(&yaml.Node{})
	last := r.position(given.at).Line
	if given.at > maxBytes/4 {
		return last // searching would take long
	}
	fails := func(line int) bool {
		end := len(r.text)
		if line < r.lines() {
			_, end = r.line(line + 1)
		}
		_, err := decodeFirst(r.text[:end])
		return err != nil && yamlMessage(err) == message
	}
	bad, step := last, 1
	for bad > 1 && fails(max(bad-step, 1)) {
		bad = max(bad-step, 1)
		step *= 2
	}
	for good := max(bad-step, 0); bad-good > 1; {
		if middle := (good + bad) / 2; fails(middle) {
			bad = middle
		} else {
			good = middle
		}
	}
	return bad
}

// A countingReader gives the parser one byte at a time and so knows how far it has looked.
type countingReader struct {
	text string
	at   int
}

func (c *countingReader) Read(p []byte) (int, error) {
	if c.at == len(c.text) {
		return 0, io.EOF
	}
	p[0] = c.text[c.at]
	c.at++
	return 1, nil
}

func problem(at diag.Range, help, format string, args ...any) *diag.Problem {
	return &diag.Problem{Range: at, Help: help, Message: fmt.Sprintf(format, args...)}
}
