package definition

import (
	"strings"

	"errand/engine/diag"
	"errand/engine/pattern"
)

// causes are the most common mistakes, each with its own message. The first function that
// recognises the line reports its problem; the others are not asked.
var causes = []func(*faultyLine) *diag.Problem{
	tabIndents,
	wideBlank,
	directive,
	mergeConflict,
	missingBlank,
	expressionInFlow,
	textAfterQuote,
	unclosedQuote,
	unknownEscape,
	colonInValue,
	reservedStart,
	itemOnKeyLine,
	unclosedBracket,
	questionInFlow,
	deeperIndent,
	neitherKeyNorItem,
	strayIndent,
	brokenFlow,
}

func tabIndents(l *faultyLine) *diag.Problem {
	at := strings.IndexByte(l.text[:l.indent], '\t')
	if at < 0 {
		return nil
	}
	return problem(l.place(at, at+1), "indent with spaces", "this line is indented with a tab; YAML allows only spaces")
}

func directive(l *faultyLine) *diag.Problem {
	if !strings.HasPrefix(l.text, "%") {
		return nil
	}
	return directiveProblem(l.place(0, len(l.text)))
}

func directiveProblem(at diag.Range) *diag.Problem {
	return problem(at, "remove the line", "a line that starts with %% is a YAML directive; directives are not supported")
}

var conflict = pattern.New(`^(<<<<<<<|=======|>>>>>>>)( |$)`)

func mergeConflict(l *faultyLine) *diag.Problem {
	if !conflict.MatchString(l.text) {
		return nil
	}
	return problem(l.place(0, len(l.text)), "keep one side of the conflict and remove the markers", "this line is the marker of an unresolved merge conflict")
}

var missingSpace = pattern.New(`^[ \t]*(?:- +)*[A-Za-z_][A-Za-z0-9_-]*:[^ \t/:]`)

// missingBlank finds `key:value`. The parser reports this mistake on the line after it.
func missingBlank(l *faultyLine) *diag.Problem {
	for number := l.number; number >= max(1, l.number-1); number-- {
		text, start := l.line(number)
		if m := missingSpace.Regexp().FindString(text); m != "" && !strings.Contains(cutComment(text), ": ") {
			p := problem(l.span(start+len(m)-2, start+len(m)-1), "write a space after the colon", "a space is missing after the colon of this key")
			p.Fix = &diag.Fix{Title: "write a space", Range: l.span(start+len(m)-1, start+len(m)-1), Text: " "}
			return p
		}
	}
	return nil
}

// closingQuote returns the offset of the end of a quoted scalar on a line, or -1.
func closingQuote(text string) int {
	for i := 1; i < len(text); i++ {
		switch {
		case text[0] == '"' && text[i] == '\\':
			i++
		case text[0] == '\'' && strings.HasPrefix(text[i:], "''"):
			i++
		case text[i] == text[0]:
			return i
		}
	}
	return -1
}

func startsQuoted(text string) bool {
	return strings.HasPrefix(text, `"`) || strings.HasPrefix(text, "'")
}

// quoteWhole reports a problem whose fix puts quotes around the whole value. from and to are the
// range of the mistake, as offsets in the value.
func (l *faultyLine) quoteWhole(from, to int, format string, args ...any) *diag.Problem {
	value := l.content()
	p := problem(l.place(l.value+from, l.value+to), "quote the value: "+quote(value), format, args...)
	p.Fix = &diag.Fix{Title: "quote the value", Range: l.place(l.value, l.value+len(value)), Text: quote(value)}
	return p
}

// unclosedQuote finds a quote that opens a value and is not closed on its line. It looks on this
// line and on up to 100 lines before it.
func unclosedQuote(l *faultyLine) *diag.Problem {
	value := l.content()
	if startsQuoted(value) && closingQuote(value) < 0 {
		return problem(l.place(l.value, l.value+1), "close it with "+value[:1], "the quote is not closed")
	}
	if strings.Contains(l.message, "while scanning a quoted") || strings.Contains(l.message, "end of stream") || strings.Contains(l.message, "document indicator") {
		for i := l.value; i < len(l.text); i++ {
			if (l.text[i] == '"' || l.text[i] == '\'') && closingQuote(l.text[i:]) < 0 {
				return problem(l.place(i, i+1), "close it with "+l.text[i:i+1], "the quote is not closed")
			}
		}
	}
	if !strings.ContainsAny(l.text, `"'`) {
		return nil
	}
	// a quote on an earlier line that this line closed by mistake
	for number := l.number - 1; number > max(0, l.number-100); number-- {
		text, start := l.line(number)
		value := len(lineShape.Regexp().FindString(text))
		if rest := text[value:]; startsQuoted(rest) && closingQuote(rest) < 0 {
			return problem(l.span(start+value, start+value+1), "close it with "+rest[:1], "the quote is not closed on its line; the text ends in the middle of line %d", l.number)
		}
	}
	return nil
}

var badEscape = pattern.New(`\\([^0abtnvfre "'\\N_LPxuU]|x[0-9a-fA-F]?[^0-9a-fA-F]|u[0-9a-fA-F]{0,3}[^0-9a-fA-F]|U[0-9a-fA-F]{0,7}[^0-9a-fA-F])`)

func unknownEscape(l *faultyLine) *diag.Problem {
	if !strings.Contains(l.message, "escape") && !strings.Contains(l.message, "hexdecimal") {
		return nil
	}
	at := badEscape.Regexp().FindStringIndex(strings.ReplaceAll(l.text, `\\`, "  "))
	if at == nil {
		return nil
	}
	return problem(l.place(at[0], at[0]+2), `write \\ for a backslash, or use single quotes, which have no escapes`, "%s is not a valid escape in double quotes", l.text[at[0]:at[0]+2])
}

func colonEnds(value string) bool {
	return strings.Contains(value, ": ") || strings.HasSuffix(value, ":")
}

func colonInValue(l *faultyLine) *diag.Problem {
	value := l.content()
	if !strings.Contains(l.message, "mapping values") || value == "" || strings.IndexByte(`"'{[|>&*!`, value[0]) >= 0 || !colonEnds(value) || l.value == l.indent {
		return nil
	}
	at := strings.Index(value, ": ")
	if at < 0 {
		at = len(value) - 1
	}
	if p := l.keyOnKeyLine(at); p != nil {
		return p
	}
	return l.quoteWhole(at, at+1, "a colon and a space inside an unquoted value start another key")
}

// reservedStart finds a value that begins with a character that has another meaning in YAML.
func reservedStart(l *faultyLine) *diag.Problem {
	value := l.content()
	if value == "" {
		return nil
	}
	switch value[0] {
	case '@', '`', '%', '*', '&':
		return l.quoteWhole(0, 1, "an unquoted value cannot start with %s", value[:1])
	case '|', '>':
		if strings.Contains(l.message, "comment or line break") {
			return l.quoteWhole(0, 1, "%s at the start of a value starts a text on the next lines", value[:1])
		}
	case '!':
		return l.quoteWhole(0, 1, "! at the start of a value starts a YAML tag")
	case '[', '{':
		if end := bracketEnd(value); end > 0 && end < len(value) && strings.TrimSpace(value[end:]) != "" && value[end] != ':' {
			return l.quoteWhole(end, len(value), "there is text after the closing bracket")
		}
	}
	return nil
}

// bracketEnd returns the offset after the bracket that closes the bracket at the start of a text,
// or -1.
func bracketEnd(text string) int {
	depth := 0
	for at := 0; at < len(text); at++ {
		switch text[at] {
		case '\'', '"':
			end := closingQuote(text[at:])
			if end < 0 {
				return -1
			}
			at += end
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				return at + 1
			}
		}
	}
	return -1
}

func itemOnKeyLine(l *faultyLine) *diag.Problem {
	if !strings.Contains(l.message, "block sequence entries") {
		return nil
	}
	return problem(l.place(l.value, l.value+1), "write each item on its own line, below the key", "a list cannot start on the line of its key")
}

func unclosedBracket(l *faultyLine) *diag.Problem {
	value := l.content()
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '"', '\'':
			end := closingQuote(value[i:])
			if end < 0 {
				return nil
			}
			i += end
		case '[', '{':
			if bracketEnd(value[i:]) < 0 {
				closing := map[byte]string{'[': "]", '{': "}"}[value[i]]
				return problem(l.place(l.value+i, l.value+i+1), "close it with "+closing, "%s is not closed", value[i:i+1])
			}
		case ']', '}':
			if strings.Contains(l.message, "cannot start any token") || strings.Contains(l.message, "expected key") || strings.Contains(l.message, "node content") {
				return problem(l.place(l.value+i, l.value+i+1), "remove it, or quote the value", "%s has no opening bracket", value[i:i+1])
			}
		}
	}
	return nil
}

var question = pattern.New(`[^\s"'\[\]{},?][^"'\[\]{},]*\?`)

var quotedInFlow = pattern.New(`"(?:[^"\\]|\\.)*"|'[^']*'`)

// questionInFlow finds a text such as {ask: May I?}. YAML allows it, but the parser does not.
func questionInFlow(l *faultyLine) *diag.Problem {
	if !strings.Contains(l.message, "expected ',' or") {
		return nil
	}
	unquoted := quotedInFlow.Regexp().ReplaceAllStringFunc(l.text, func(quoted string) string { return strings.Repeat(`"`, len(quoted)) })
	at := question.Regexp().FindStringIndex(unquoted[l.indent:])
	if at == nil {
		return nil
	}
	from, to := l.indent+at[0], l.indent+at[1]
	p := problem(l.place(to-1, to), "quote the text", "an unquoted text inside { } or [ ] must not contain a question mark")
	if colon := strings.LastIndex(l.text[from:to], ": "); colon >= 0 {
		from += colon + len(": ")
	}
	if more := strings.IndexAny(l.text[to:], ",]}"); more >= 0 {
		text := strings.TrimRight(l.text[from:to+more], " ")
		p.Fix = &diag.Fix{Title: "quote the text", Range: l.place(from, from+len(text)), Text: quote(text)}
	}
	return p
}

func brokenFlow(l *faultyLine) *diag.Problem {
	if !strings.Contains(l.message, "expected ',' or") && !strings.Contains(l.message, "node content") {
		return nil
	}
	return problem(l.place(l.indent, len(l.text)), "look for a missing or extra comma, and quote texts that contain { } [ ] , or ?", "the list in [ ] or the mapping in { } is not valid here")
}

// deeperIndent finds a line that is indented below a key that already has a value.
func deeperIndent(l *faultyLine) *diag.Problem {
	if !strings.Contains(l.message, "mapping values") {
		return nil
	}
	for number := l.number - 1; number > 0; number-- {
		above, _ := l.line(number)
		trimmed := strings.TrimLeft(above, " ")
		if trimmed == "" || strings.HasPrefix(trimmed, "#") || len(above)-len(trimmed) >= l.indent {
			continue
		}
		if value := above[len(lineShape.Regexp().FindString(above)):]; strings.TrimSpace(cutComment(value)) == "" {
			return nil
		}
		return problem(l.place(l.indent, len(l.text)), "give it the same indentation as the keys beside it, or remove the value above it",
			"this line is indented below line %d, but that line already has a value", number)
	}
	return nil
}

var word = pattern.New(`^[A-Za-z_][A-Za-z0-9_-]*$`)

func neitherKeyNorItem(l *faultyLine) *diag.Problem {
	if !strings.Contains(l.message, "could not find expected ':'") {
		return nil
	}
	help := "write it as key: value, or indent it below the key that it belongs to"
	if text := strings.TrimSpace(cutComment(l.text)); word.MatchString(text) {
		help = "if it is a key, write a colon after it: " + text + ":"
	}
	return problem(l.place(l.indent, len(l.text)), help, "this line is neither a key with a value nor an item of a list")
}

func strayIndent(l *faultyLine) *diag.Problem {
	if !strings.Contains(l.message, "did not find expected key") && !strings.Contains(l.message, "'-' indicator") {
		return nil
	}
	return problem(l.place(l.indent, len(l.text)), "give it the same indentation as the lines that it belongs to", "the indentation of this line fits no mapping or list above it")
}
