package definition

import (
	"fmt"
	"io"
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/pattern"
)

// syntaxProblem words an error of the YAML parser. The parser's messages have no column, and their
// line is often the start of the enclosing mapping. So syntaxProblem finds the faulty line itself
// and then looks for the cause on it.
func (r *reader) syntaxProblem(err error) diag.Problem {
	message := yamlMessage(err)
	switch {
	case strings.HasPrefix(message, "unknown anchor"):
		return r.unknownAnchor(message)
	case strings.HasPrefix(message, "exceeded max depth"):
		p := problem(r.span(0, 0), "", "mappings and lists are nested more than %d deep", maxDepth)
		p.Rule = ruleTooLarge
		return *p
	}
	l := r.findFaultyLine(message)
	for _, look := range causes {
		if p := look(l); p != nil {
			return *p
		}
	}
	return *problem(l.place(l.indent, len(l.text)), "", "this line is not valid YAML: %s", message)
}

var yamlLine = pattern.New(`^(yaml: )?(line [0-9]+: )?`)

func yamlMessage(err error) string {
	return yamlLine.Regexp().ReplaceAllString(err.Error(), "")
}

func (r *reader) unknownAnchor(message string) diag.Problem {
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
	return *problem(r.span(at, at+len(name)), "if you mean the text, quote it: "+quote(name), "%s is a YAML alias, but no anchor before it has this name", name)
}

// A faultyLine is the line at which the parser failed.
type faultyLine struct {
	*reader
	number  int
	text    string
	start   int    // its offset in the file
	indent  int    // the number of blanks at its start, in bytes
	message string // the message of the parser
	value   int    // the offset of the value on the line, after `key: ` or `- `
}

var lineShape = pattern.New(`^[ \t]*(- +)*((?:[^\s"'#\[\]{},:-][^:#]*|"[^"]*"|'[^']*'):(?:[ \t]+|$))?`)

func (r *reader) findFaultyLine(message string) *faultyLine {
	l := &faultyLine{reader: r, number: r.faultyLineNumber(message), message: message}
	l.text, l.start = r.line(l.number)
	l.indent = len(l.text) - len(strings.TrimLeft(l.text, " \t"))
	l.value = len(lineShape.Regexp().FindString(l.text))
	return l
}

func (l *faultyLine) place(from, to int) diag.Range {
	return l.span(l.start+from, l.start+max(to, from))
}

// content returns the value on the line, without a comment.
func (l *faultyLine) content() string { return strings.TrimRight(cutComment(l.text[l.value:]), " \t") }

// faultyLineNumber returns the number of the first line such that the text up to it fails with the
// same message. The parser reads only a little ahead, so the search starts at the last line that it
// read and goes backwards.
func (r *reader) faultyLineNumber(message string) int {
	given := &countingReader{text: r.text}
	_ = yaml.NewDecoder(given).Decode(&yaml.Node{})
	last := r.position(given.at).Line
	if given.at > maxBytes/4 {
		return last // the search would take too long
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

// A countingReader passes one byte at a time to the parser. So it knows how far the parser has
// read.
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
	return &diag.Problem{Rule: ruleSyntax, Severity: diag.Error, Range: at, Help: help, Message: fmt.Sprintf(format, args...)}
}
