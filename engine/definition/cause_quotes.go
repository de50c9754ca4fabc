package definition

import (
	"strings"

	"errand/engine/diag"
	"errand/engine/pattern"
)

// expressionInFlow finds a value in { } or [ ] that has an expression or quotes in it.
func expressionInFlow(l *faultyLine) *diag.Problem {
	value := l.content()
	if value == "" || value[0] != '{' && value[0] != '[' {
		return l.expressionInside(value)
	}
	v, ok := invalidInFlow(value)
	if !ok {
		return l.expressionInside(value)
	}
	if startsQuoted(value[v.from:]) {
		return l.quotesInQuotes(v.from, misquoted{v.to - v.from, v.write})
	}
	p := problem(l.place(l.value+v.from, l.value+v.to), "quote it: "+v.write, "an expression inside { } or [ ] must be quoted")
	p.Fix = &diag.Fix{Title: "quote it", Range: p.Range, Text: v.write}
	return p
}

// expressionInside finds an expression in { } or [ ] without quotes on a line whose values cannot be
// told apart.
func (l *faultyLine) expressionInside(value string) *diag.Problem {
	open := strings.Index(value, "${{")
	if open < 0 {
		return nil
	}
	before := value[:open]
	if !strings.ContainsAny(before, "{[") || strings.ContainsAny(before, `"'`) || colonEnds(value) && before[0] != '{' && before[0] != '[' {
		return nil
	}
	return problem(l.place(l.value+open, l.value+open+3), "put quotes around the whole value", "an expression inside { } or [ ] must be quoted")
}

// quotesInQuotes reports a value in quotes, at an offset of the line's value, that has such quotes in it.
func (l *faultyLine) quotesInQuotes(from int, m misquoted) *diag.Problem {
	name := "double"
	if l.text[l.value+from] == '\'' {
		name = "single"
	}
	p := problem(l.place(l.value+from, l.value+from+m.end), "write "+m.write, "a text in %s quotes has %s quotes in it, which end it", name, name)
	p.Fix = &diag.Fix{Title: "quote it in another way", Range: p.Range, Text: m.write}
	return p
}

func textAfterQuote(l *faultyLine) *diag.Problem {
	value := l.content()
	if !startsQuoted(value) || strings.Contains(l.message, "expected ':'") && l.value == l.indent {
		return nil
	}
	end := closingQuote(value)
	if end < 0 || end == len(value)-1 {
		return nil
	}
	if m, ok := readMisquoted(value, false); ok {
		return l.quotesInQuotes(0, m)
	}
	if strings.IndexByte(",]}:", value[end+1]) >= 0 {
		return nil
	}
	p := l.quoteWhole(end+1, len(value), "there is text after the closing quote")
	switch first := value[1:end]; {
	case l.isCondition() && path.MatchString(first): // "inputs.name" == "web"
		p.Help, p.Fix, p.Range = "quote the value: "+quote(first+value[end+1:]), nil, p.Fix.Range
	case value[len(value)-1] == value[0] || !l.isCondition():
		p.Fix = nil // the quotes may be part of the text, or not
	}
	return p
}

// path matches the path of a value in an expression.
var path = pattern.New(`^[a-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+$`)

// isCondition reports whether the value on the line is an expression.
func (l *faultyLine) isCondition() bool {
	match := keyOfLine.Regexp().FindStringSubmatch(l.text[:l.value])
	return match != nil && (match[1] == "if" || match[1] == "until")
}
