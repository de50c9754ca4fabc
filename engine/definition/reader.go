package definition

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/pattern"
	"errand/engine/schema"
)

// A reader walks the tree of one file and collects problems. Each method reads one part and reports
// each problem of that part once. A method whose last result is ok reports with it whether the part can
// be used.
type reader struct {
	*source
	problems []diag.Problem
	reported map[*yaml.Node]bool // nodes whose problem was already reported
	data     bool                // the file is plain data: `${{` is text
	places   Positions           // positions of plain data
	example  string              // a condition for helps; "" in a definition
	// as in Parser
	pinned     bool
	parameters func(form, callee string) ([]string, bool)
}

func newReader(file string, text []byte) *reader {
	return &reader{source: newSource(file, text), reported: map[*yaml.Node]bool{}}
}

func (r *reader) report(rule string, at diag.Range, help, format string, args ...any) *diag.Problem {
	r.problems = append(r.problems, diag.Problem{Rule: rule, Severity: diag.Error, Range: at, Help: help, Message: fmt.Sprintf(format, args...)})
	return &r.problems[len(r.problems)-1]
}

// follow replaces an alias by the node that it names. load has already refused cycles.
func follow(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// start returns the offset of a node, after its anchor and tag.
func (r *reader) start(n *yaml.Node) int {
	at := r.offset(diag.Position{Line: n.Line, Column: n.Column})
	if n.Anchor != "" || n.Kind != yaml.AliasNode && at < len(r.text) && r.text[at] == '!' {
		at, _ = afterProperties(r.text, at)
	}
	return at
}

// textOf returns a scalar with its position and the offset of its end. If the scanner cannot follow
// the source, the end is that of the first line.
func (r *reader) textOf(n *yaml.Node) (t Text, end int) {
	start := r.start(n)
	s := scalar{text: r.text, value: n.Value}
	end, ok := s.scan(start, n.Style)
	if !ok {
		end = start + len(r.restOfLine(start))
	}
	return Text{Value: n.Value, Range: r.span(start, end), place: &placement{source: r.source, start: start, style: n.Style}}, end
}

// place returns the range of a node for a message: a scalar as a whole, or the first line of a
// collection.
func (r *reader) place(n *yaml.Node) diag.Range {
	if n = follow(n); n.Kind == yaml.ScalarNode {
		t, _ := r.textOf(n)
		return t.Range
	}
	start := r.start(n)
	line := strings.TrimRight(cutComment(r.restOfLine(start)), " \t")
	if end := bracketEnd(line); n.Style&yaml.FlowStyle != 0 && end > 0 {
		line = line[:end]
	}
	return r.span(start, start+max(1, len(line)))
}

// describe returns a description of a node for messages of the form "must be X, not Y".
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

// reportWrongType reports a value of the wrong type. what is the quoted key, or a phrase such as "a
// step".
func (r *reader) reportWrongType(n *yaml.Node, what, want, help string) *diag.Problem {
	return r.report(ruleWrongType, r.place(n), help, "%s must be %s, not %s", what, want, describe(n))
}

// reportAbsent reports a key without a value. It returns whether it did.
func (r *reader) reportAbsent(n *yaml.Node, what, want string) bool {
	if !isEmpty(n) {
		return false
	}
	r.report(ruleMissingValue, r.place(n), "write a value, or remove the key", "%s has no value; expected %s", what, want)
	return true
}

// isEmpty reports whether the value of a key is empty.
func isEmpty(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && plain(n.Style) && n.Value == ""
}

// scalar reads a scalar of any kind. It returns its text, kind and value.
func (r *reader) scalar(n *yaml.Node, what, want string) (t Text, kind schema.Kind, value any, ok bool) {
	n = follow(n)
	switch {
	case r.reported[n]:
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
	help := "if you mean the text, quote it: " + quote(t.Value)
	if d.write != "" {
		help = fmt.Sprintf("write %s, or quote it if you mean the text: %s", d.write, quote(t.Value))
	}
	if d.useless {
		r.report(ruleAmbiguous, t.Range, help, "%s is %s", t.Value, d.reading)
		return
	}
	r.report(ruleAmbiguous, t.Range, help, "%s is text for some YAML readers and %s for others", schema.Show(t.Value), d.reading)
}

// literal reads a text that must not contain an expression.
func (r *reader) literal(n *yaml.Node, what, want string) (Text, bool) {
	return r.literalLike(n, what, want, anyShape)
}

// literalLike is like literal, for a text that must also match a pattern. It suggests quotes only
// if the quoted text would match. The caller checks the pattern of a text.
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

// reportUnquoted reports a scalar that would be valid with quotes. It suggests no quotes for null.
func (r *reader) reportUnquoted(n *yaml.Node, t Text, kind schema.Kind, what, want string) {
	p := r.reportWrongType(n, what, want, "")
	if kind != schema.Null {
		p.Help = "quote it: " + quote(t.Value)
		p.Fix = &diag.Fix{Title: "quote it", Range: t.Range, Text: quote(t.Value)}
	}
}

// withoutExpression reports an expression in a text that must be a literal. It returns whether
// there is none.
func (r *reader) withoutExpression(t Text, what string) bool {
	at := strings.Index(t.Value, "${{")
	if r.data || at < 0 || at > 0 && t.Value[at-1] == '$' {
		return true
	}
	r.report(ruleLiteralOnly, t.Span(at, at+3), "write the value itself", "%s must not contain an expression", what)
	return false
}

// message reads a text for people, with or without expressions. help says what to write if it is empty.
func (r *reader) message(n *yaml.Node, what, help string) Value {
	const want = "a text"
	if target := follow(n); !r.reported[target] && r.reportAbsent(target, what, want) {
		return Value{Kind: schema.Any}
	}
	v := r.value(n, what, false)
	switch text, literal := v.Literal(); {
	case v.Kind == schema.Any:
	case v.Kind == schema.List || v.Kind == schema.Object:
		r.reportWrongType(n, what, want, "")
		v.Kind = schema.Any
	case v.Kind == schema.Boolean:
		r.reportWrongType(n, what, want, help)
		v.Kind = schema.Any
	case v.Kind != schema.String:
		r.reportUnquoted(n, v.Text, v.Kind, what, want)
		v.Kind = schema.Any
	case literal && strings.TrimSpace(text.(string)) == "":
		r.report(ruleMissingValue, v.Range, help, "%s is empty", what)
		v.Kind = schema.Any
	}
	return v
}

// boolean reads a boolean: true or false.
func (r *reader) boolean(n *yaml.Node, what string) bool {
	t, kind, value, ok := r.scalar(n, what, "true or false")
	if ok && kind != schema.Boolean {
		r.reportNotBoolean(n, t, what)
	}
	return ok && value == true
}

// reportNotBoolean reports a value that is not a boolean. The fix is for the words of YAML 1.1 and
// for quotes.
func (r *reader) reportNotBoolean(n *yaml.Node, t Text, what string) {
	p := r.reportWrongType(n, what, "true or false", "write true or false")
	word := words[t.Value]
	if t.Value == "true" || t.Value == "false" {
		word = t.Value
	}
	if word == "true" || word == "false" {
		p.Help, p.Fix = "write "+word, &diag.Fix{Title: "write " + word, Range: t.Range, Text: word}
	}
}

// list reads the items of a list.
func (r *reader) list(n *yaml.Node, what, want string) ([]*yaml.Node, bool) {
	n = follow(n)
	switch {
	case r.reported[n]:
		return nil, false
	case n.Kind == yaml.SequenceNode:
		return n.Content, true
	case r.reportAbsent(n, what, want):
	case n.Kind == yaml.MappingNode:
		r.reportWrongType(n, what, want, "start each item with a hyphen and a space")
	default:
		r.reportWrongType(n, what, want, "")
	}
	return nil, false
}

// quoted returns a key in quotes, for a message.
func quoted(key string) string {
	if len(key) > 80 || strings.IndexByte(key, '"') >= 0 {
		return schema.Show(key)
	}
	return `"` + key + `"`
}
