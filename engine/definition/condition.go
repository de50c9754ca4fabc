package definition

import (
	"cmp"
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/pattern"
	"errand/engine/schema"
)

// condition reads `if` and `until`: an expression without ${{ }}.
func (r *reader) condition(n *yaml.Node, what string) *Expression {
	if n == nil {
		return nil
	}
	if inner, end, ok := r.inBraces(n); ok {
		p := r.report(ruleBare, r.span(r.start(n), end), "write it without {{ }}: "+bare(inner), "%s is already an expression; it has no {{ }}", what)
		p.Fix = &diag.Fix{Title: "remove {{ }}", Range: p.Range, Text: bare(inner)}
		return nil
	}
	t, kind, _, ok := r.scalar(n, what, "an expression")
	if !ok {
		return nil
	}
	if kind != schema.String && kind != schema.Boolean {
		r.reportWrongType(n, what, "an expression that is true or false", "")
		return nil
	}
	e := t.expression(0, len(t.Value))
	switch {
	case e.Source == "":
		r.report(ruleMissingValue, t.Range, "", "%s has no value; expected an expression", what)
		return nil
	case strings.Contains(e.Source, "${{"):
		return r.unwrap(t, e, what)
	}
	if write, ok := withoutBraces(e.Source, false); ok {
		p := r.report(ruleBare, e.Range, "write it without {{ }}: "+bare(write), "%s is already an expression; it has no {{ }}", what)
		p.Fix = &diag.Fix{Title: "remove {{ }}", Range: t.Range, Text: bare(write)}
		return nil
	}
	_, end := r.textOf(follow(n))
	if plain(t.place.style) && r.commentFollows(end) && isUnbalanced(e.Source) {
		r.reportCut(t, 0, end)
		return nil
	}
	return e
}

// unwrap reports `if: ${{ x }}`. If there is no other text, it reads x.
func (r *reader) unwrap(t Text, e *Expression, what string) *Expression {
	if strings.HasPrefix(e.Source, "${{") {
		from := e.offset + 3
		if end := endOfExpression(t.Value, from); end >= 0 && end+2 == e.offset+len(e.Source) {
			if inner := t.expression(from, end); inner.Source != "" {
				p := r.report(ruleBare, e.Range, "write it without ${{ }}: "+bare(inner.Source), "%s is already an expression; ${{ }} is only for texts", what)
				p.Fix = &diag.Fix{Title: "remove ${{ }}", Range: t.Range, Text: bare(inner.Source)}
				return inner
			}
		}
	}
	if write, ok := withoutBraces(e.Source, true); ok {
		p := r.report(ruleBare, e.Range, "write it without ${{ }}: "+bare(write), "%s is already an expression; ${{ }} is only for texts", what)
		p.Fix = &diag.Fix{Title: "remove ${{ }}", Range: t.Range, Text: bare(write)}
		return nil
	}
	at := strings.Index(t.Value, "${{")
	r.report(ruleBare, t.Span(at, at+3), "write the condition without ${{ and }}, such as "+r.exampleCondition(what), "%s is already an expression; ${{ }} is only for texts", what)
	return nil
}

func (r *reader) exampleCondition(what string) string {
	if what == `"until"` {
		return `result.instance_state == "running"`
	}
	return cmp.Or(r.example, `inputs.environment == "production"`)
}

// isUnbalanced reports whether an expression ends inside a bracket or a quote.
func isUnbalanced(source string) bool {
	depth := 0
	for at := 0; at < len(source); at++ {
		switch source[at] {
		case '\'', '"', '`':
			if at = endOfString(source, at); at < 0 {
				return true
			}
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		}
	}
	return depth > 0
}

// inBraces reads a value that YAML reads as mappings, but that is {{ x }} as in other tools. It returns the
// expression and the offset of its end.
func (r *reader) inBraces(n *yaml.Node) (inner string, end int, ok bool) {
	start := r.start(n)
	line := r.restOfLine(start)
	if n.Kind != yaml.MappingNode || r.reported[n] || !strings.HasPrefix(line, "{{") {
		return "", 0, false
	}
	end = endOfExpression(line, 2)
	if end < 0 {
		return "", 0, false
	}
	inner = strings.TrimSpace(line[2:end])
	return inner, start + end + 2, inner != ""
}

var (
	openBraces     = pattern.New(`^\$?\{\{`)
	startsArgument = pattern.New(`[(,] *$`)
	operand        = pattern.New(`^[A-Za-z0-9_.\[\]"']+$`)
)

// withoutBraces returns a condition without the ${{ }} and {{ }} in it. ok is false if it has none, or if the
// result is not clear. With texts, a text in quotes that holds nothing but {{ }} loses its quotes, too.
func withoutBraces(source string, texts bool) (write string, ok bool) {
	var b strings.Builder
	for at := 0; at < len(source); {
		open := openBraces.Regexp().FindString(source[at:])
		if open == "{{" && startsArgument.MatchString(source[:at]) {
			open = "" // a function with an object
		}
		from, end, next := at+len(open), at, at+1
		switch c := source[at]; {
		case open != "":
			end = endOfExpression(source, from)
			next = end + 2
		case c == '"' || c == '\'' || c == '`':
			if next = endOfString(source, at) + 1; next == 0 {
				return "", false
			}
			text := source[at+1 : next-1]
			inside := openBraces.Regexp().FindString(text)
			if from = at + 1 + len(inside); inside != "" && texts && endOfExpression(text, len(inside)) == len(text)-2 {
				open, end = inside, next-3
			} else if strings.Contains(text, "${{") {
				return "", false
			}
		}
		if open == "" {
			b.WriteString(source[at:next])
			at = next
			continue
		}
		if end < 0 || strings.TrimSpace(source[from:end]) == "" {
			return "", false
		}
		inner := strings.TrimSpace(source[from:end])
		if whole := at == 0 && next == len(source); !whole && !operand.MatchString(inner) {
			inner = "(" + inner + ")"
		}
		b.WriteString(inner)
		at, ok = next, true
	}
	return b.String(), ok
}
