package definition

import (
	"slices"
	"strings"

	"errand/engine/diag"
)

// template splits a text at its expressions. after is the offset at which the scalar ends in the
// source. It is used to check whether a comment cut the scalar.
func (r *reader) template(t Text, after int) (parts []Part, ok bool) {
	rest := 0 // the text before this offset is already in parts or literal
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			parts = append(parts, Part{Literal: literal.String()})
			literal.Reset()
		}
	}
	for {
		open := strings.Index(t.Value[rest:], "${{")
		if open < 0 {
			break
		}
		if open += rest; open > rest && t.Value[open-1] == '$' {
			r.warnSuspicious(t, rest, open)
			literal.WriteString(t.Value[rest:open-1] + "${{")
			rest = open + 3
			continue
		}
		end := endOfExpression(t.Value, open+3)
		if end < 0 {
			r.reportUnclosed(t, open, after)
			return nil, false
		}
		e := t.expression(open+3, end)
		if e.Source == "" {
			r.report(ruleTemplate, t.Span(open, end+2), "", "the expression is empty")
			return nil, false
		}
		r.warnSuspicious(t, rest, open)
		literal.WriteString(t.Value[rest:open])
		flush()
		parts = append(parts, Part{Expression: e})
		rest = end + 2
	}
	r.warnSuspicious(t, rest, len(t.Value))
	literal.WriteString(t.Value[rest:])
	flush()
	if parts == nil {
		parts = []Part{{}}
	}
	return parts, true
}

// expression returns the source between two offsets of the value, without blanks at its ends.
func (t Text) expression(from, to int) *Expression {
	source := strings.TrimLeft(t.Value[from:to], " \t\r\n")
	from = to - len(source)
	source = strings.TrimRight(source, " \t\r\n")
	return &Expression{Source: source, Range: t.Span(from, from+len(source)), text: t, offset: from}
}

// endOfExpression returns the offset of the }} that ends an expression, or -1. It skips the braces
// of maps, strings and comments in the expression: `${{ {"a": {"b": "}}"}} }}` is one expression.
func endOfExpression(text string, at int) int {
	depth := 0
	for ; at < len(text); at++ {
		switch c := text[at]; c {
		case '\'', '"', '`':
			if at = endOfString(text, at); at < 0 {
				return -1
			}
		case '/':
			if strings.HasPrefix(text[at:], "/*") {
				end := strings.Index(text[at+2:], "*/")
				if end < 0 {
					return -1
				}
				at += end + 3
			}
		case '{':
			depth++
		case '}':
			if depth > 0 {
				depth--
			} else if strings.HasPrefix(text[at:], "}}") {
				return at
			}
		}
	}
	return -1
}

// endOfString returns the offset of the quote that ends a string, or -1. A backslash escapes a
// character, except between backticks.
func endOfString(text string, at int) int {
	quote := text[at]
	for at++; at < len(text); at++ {
		switch {
		case text[at] == quote:
			return at
		case text[at] == '\\' && quote != '`':
			at++
		}
	}
	return -1
}

func (r *reader) reportUnclosed(t Text, open, after int) {
	at := t.Span(open, open+3)
	switch {
	case plain(t.place.style) && r.commentFollows(after):
		r.reportCut(t, open, after)
	case strings.Contains(t.Value[open:], "}}"):
		r.report(ruleTemplate, at, "look for a quote or a brace in the expression that is not closed", "the expression is not closed: its }} is inside a string, a map or a comment")
	default:
		r.report(ruleTemplate, at, "close it with }}, or write $${{ for a literal ${{", "the expression is not closed")
	}
}

// reportCut reports that ` #` cut an expression. The fix quotes the value up to where the
// expression is complete. A later ` #` starts a comment.
func (r *reader) reportCut(t Text, open, after int) {
	start := t.place.start
	line := r.restOfLine(after)
	whole, complete := "", false
	for end := 0; !complete && end < len(line); {
		if next := strings.Index(line[end+1:], " #"); next >= 0 {
			end += 1 + next
		} else {
			end = len(line)
		}
		whole = strings.TrimRight(r.text[start:after+end], " \t")
		complete = isComplete(whole)
	}
	p := r.report(ruleCommentCut, t.Span(open, len(t.Value)), "quote the value: "+quote(whole), "a YAML comment cuts the expression: a space and # start a comment")
	if complete && !strings.Contains(whole, "\n") {
		p.Fix = &diag.Fix{Title: "quote the value", Range: r.span(start, start+len(whole)), Text: quote(whole)}
	}
}

// isComplete reports whether every expression in the text of a value ends. A text without ${{ is an
// expression as a whole.
func isComplete(text string) bool {
	if !strings.Contains(text, "${{") {
		return !isUnbalanced(text)
	}
	for {
		_, rest, found := strings.Cut(text, "${{")
		if !found {
			return true
		}
		end := endOfExpression(rest, 0)
		if end < 0 {
			return false
		}
		text = rest[end:]
	}
}

func (r *reader) commentFollows(after int) bool {
	rest := r.restOfLine(after)
	trimmed := strings.TrimLeft(rest, " \t")
	return len(trimmed) < len(rest) && strings.HasPrefix(trimmed, "#")
}

// roots are the usual starts of an expression in a text.
var roots = []string{"inputs.", "steps.", "request.", "run.", "failure."}

// warnSuspicious warns of text that was probably meant to be an expression: {{ x }}, $ {{ x }} or
// ${ x }.
func (r *reader) warnSuspicious(t Text, from, to int) {
	for i := from; i < to; i++ {
		if t.Value[i] != '{' {
			continue
		}
		start, end := i, i+1
		for end < to && t.Value[end] == '{' {
			end++
		}
		i = end - 1
		before := t.Value[from:start]
		switch {
		case end-start == 2 && strings.HasSuffix(before, "$"): // $${{ is a literal ${{
			continue
		case end-start == 2 && strings.HasSuffix(before, "$ "):
			start -= 2
		case end-start == 1 && strings.HasSuffix(before, "$"):
			start--
		case end-start != 2:
			continue
		}
		rest := strings.TrimLeft(t.Value[end:to], " \t")
		if i := slices.IndexFunc(roots, func(root string) bool { return strings.HasPrefix(rest, root) }); i >= 0 {
			p := r.report(ruleSuspicious, t.Span(start, end), "write the expression as ${{ "+roots[i]+"… }}", "%q is plain text here; it does not start an expression", t.Value[start:end])
			p.Severity = diag.Warning
			closing := strings.Repeat("}", strings.Count(t.Value[start:end], "{"))
			if inner, _, ok := strings.Cut(t.Value[end:to], closing); ok && !strings.ContainsAny(inner, "{}\n") {
				write := "${{ " + strings.TrimSpace(inner) + " }}"
				p.Range, p.Help = t.Span(start, end+len(inner)+len(closing)), "write "+write // no fix: it may be meant as it is
			}
			return
		}
	}
}
