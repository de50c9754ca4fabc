package definition

import (
	"fmt"

	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/pattern"
	"errand/engine/schema"
)

// A reader walks the tree of one file and collects problems. Each of its methods reports what is
// wrong with the part that it reads, once, and says with its last result whether there is something
// to go on with.
type reader struct {
	*source
	problems []diag.Problem
	spoiled  map[*yaml.Node]bool // reported already
	data     bool                // not a definition: what looks like an expression is text
	places   Positions           // of plain data
}

func newReader(file string, text []byte) *reader {
	return &reader{source: newSource(file, text), spoiled: map[*yaml.Node]bool{}}
}

func (r *reader) report(rule string, at diag.Range, help, format string, args ...any) *diag.Problem {
	r.problems = append(r.problems, diag.Problem{Rule: rule, Severity: diag.Error, Range: at, Help: help, Message: fmt.Sprintf(format, args...)})
	return &r.problems[len(r.problems)-1]
}

func (r *reader) warn(rule string, at diag.Range, help, format string, args ...any) {
	r.report(rule, at, help, format, args...).Severity = diag.Warning
}

// follow replaces an alias by what it names. Cycles are gone by now.
func follow(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// start is the offset of a node, after its anchor.
func (r *reader) start(n *yaml.Node) int {
	at := r.offset(diag.Position{Line: n.Line, Column: n.Column})
	if n.Anchor != "" || n.Kind != yaml.AliasNode && at < len(r.text) && r.text[at] == '!' {
		at, _ = afterProperties(r.text, at)
	}
	return at
}

// textOf places a scalar. Where its source cannot be followed, it ends with its first line.
func (r *reader) textOf(n *yaml.Node) (t Text, end int) {
	start := r.start(n)
	s := scalar{text: r.text, value: n.Value}
	end, ok := s.scan(start, n.Style)
	if !ok {
		end = start + len(r.restOfLine(start))
	}
	return Text{Value: n.Value, Range: r.span(start, end), place: &placement{source: r.source, start: start, style: n.Style}}, end
}

// place is the range of a node for a message: a scalar as a whole, of a collection the first line.
func (r *reader) place(n *yaml.Node) diag.Range {
	if n = follow(n); n.Kind == yaml.ScalarNode {
		t, _ := r.textOf(n)
		return t.Range
	}
	start := r.start(n)
	line := strings.TrimRight(cutComment(r.restOfLine(start)), " \t")
	if end := balanced(line); n.Style&yaml.FlowStyle != 0 && end > 0 {
		line = line[:end]
	}
	return r.span(start, start+max(1, len(line)))
}

// describe names what was written where something else is wanted.
func describe(n *yaml.Node) string {
	switch n = follow(n); n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "a mapping"
	}
	if plain(n.Style) {
		switch kind, _, doubt := readPlain(n.Value); kind {
		case schema.Null:
			return "null"
		case schema.Boolean:
			if doubt != nil {
				break
			}
			return "the boolean " + n.Value
		case schema.Integer:
			return "the integer " + n.Value
		case schema.Number:
			return "the number " + n.Value
		}
	}
	return schema.Show(n.Value)
}

// reportWrongType reports that something else is wanted. What is the quoted key, or a phrase such
// as "a step".
func (r *reader) reportWrongType(n *yaml.Node, what, want, help string) *diag.Problem {
	return r.report(ruleWrongType, r.place(n), help, "%s wants %s, not %s", what, want, describe(n))
}

// reportAbsent reports a key without a value.
func (r *reader) reportAbsent(n *yaml.Node, what, want string) bool {
	if !nothing(n) {
		return false
	}
	r.report(ruleMissingValue, r.place(n), "", "%s has no value; it wants %s", what, want)
	return true
}

// nothing reports whether nothing was written as the value of a key.
func nothing(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && plain(n.Style) && n.Value == ""
}

// scalar reads a scalar of any kind: its text, what it is, and its value.
func (r *reader) scalar(n *yaml.Node, what, want string) (t Text, kind schema.Kind, value any, ok bool) {
	n = follow(n)
	switch {
	case r.spoiled[n]:
		return t, kind, nil, false
	case n.Kind != yaml.ScalarNode:
		r.reportWrongType(n, what, want, "")
		return t, kind, nil, false
	}
	t, _ = r.textOf(n)
	switch {
	case !plain(n.Style):
		return t, schema.String, n.Value, true
	case r.reportAbsent(n, what, want):
		return t, kind, nil, false
	}
	kind, value, doubt := readPlain(n.Value)
	if doubt != nil {
		r.reportDoubtful(t, doubt)
		return t, kind, nil, false
	}
	if kind == schema.String {
		value = n.Value
	}
	return t, kind, value, true
}

func (r *reader) reportDoubtful(t Text, d *doubt) {
	help := "where the text is meant, quote it: " + quote(t.Value)
	if d.write != "" {
		help = fmt.Sprintf("write %s, or quote it where the text is meant: %s", d.write, quote(t.Value))
	}
	if d.useless {
		r.report(ruleAmbiguous, t.Range, help, "%s is %s", t.Value, d.reading)
		return
	}
	r.report(ruleAmbiguous, t.Range, help, "%s is text to some YAML readers and %s to others", schema.Show(t.Value), d.reading)
}

// literal reads a text in which no expression can stand.
func (r *reader) literal(n *yaml.Node, what, want string) (Text, bool) {
	return r.literalLike(n, what, want, anyShape)
}

// literalLike is literal where the text is to have a shape besides, which is for the caller to
// check: quotes alone do not make a text of that shape of every number.
func (r *reader) literalLike(n *yaml.Node, what, want string, shape *pattern.Pattern) (Text, bool) {
	t, kind, _, ok := r.scalar(n, what, want)
	switch {
	case !ok:
		return t, false
	case kind == schema.String:
		return t, r.withoutExpression(t, what)
	case shape.MatchString(t.Value):
		r.reportUnquoted(n, t, kind, what, want)
	default:
		r.reportWrongType(n, what, want, "")
	}
	return t, false
}

// reportUnquoted reports a scalar that would be the text that is wanted if it were quoted. Null is
// none.
func (r *reader) reportUnquoted(n *yaml.Node, t Text, kind schema.Kind, what, want string) {
	p := r.reportWrongType(n, what, want, "")
	if kind != schema.Null {
		p.Help = "quote it: " + quote(t.Value)
		p.Fix = &diag.Fix{Title: "quote it", Range: t.Range, Text: quote(t.Value)}
	}
}

// withoutExpression reports an expression in a text that is taken as it stands.
func (r *reader) withoutExpression(t Text, what string) bool {
	at := strings.Index(t.Value, "${{")
	if r.data || at < 0 || at > 0 && t.Value[at-1] == '$' {
		return true
	}
	r.report(ruleLiteralOnly, t.Span(at, at+3), "write the value itself", "%s cannot hold an expression", what)
	return false
}

// list reads the items of a list.
func (r *reader) list(n *yaml.Node, what, want string) ([]*yaml.Node, bool) {
	n = follow(n)
	switch {
	case r.spoiled[n]:
		return nil, false
	case n.Kind == yaml.SequenceNode:
		return n.Content, true
	case r.reportAbsent(n, what, want):
	case n.Kind == yaml.MappingNode:
		r.reportWrongType(n, what, want, "begin each item with a hyphen and a blank")
	default:
		r.reportWrongType(n, what, want, "")
	}
	return nil, false
}

// quoted names a key in a message.
func quoted(key string) string {
	if len(key) > 80 || strings.IndexByte(key, '"') >= 0 {
		return schema.Show(key)
	}
	return `"` + key + `"`
}
