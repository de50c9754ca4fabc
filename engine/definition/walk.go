package definition

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/schema"
)

// A reader walks the tree of one file and collects problems. Each of its methods reports what is wrong with the part that it
// reads, once, and says with its last result whether there is something to go on with.
type reader struct {
	*source
	problems []diag.Problem
	spoiled  map[*yaml.Node]bool // reported already
	ids      map[string]diag.Range
	data     bool // not a definition: what looks like an expression is text
}

func newReader(file string, text []byte) *reader {
	return &reader{source: newSource(file, text), spoiled: map[*yaml.Node]bool{}, ids: map[string]diag.Range{}}
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

// wrongType reports that something else is wanted. What is the quoted key, or a phrase such as "a step".
func (r *reader) wrongType(n *yaml.Node, what, want, help string) *diag.Problem {
	return r.report(ruleWrongType, r.place(n), help, "%s wants %s, not %s", what, want, describe(n))
}

// scalar reads a scalar of any kind: its text, what it is, and its value.
func (r *reader) scalar(n *yaml.Node, what, want string) (t Text, kind schema.Kind, value any, ok bool) {
	n = follow(n)
	switch {
	case r.spoiled[n]:
		return t, kind, nil, false
	case n.Kind != yaml.ScalarNode:
		r.wrongType(n, what, want, "")
		return t, kind, nil, false
	}
	t, _ = r.textOf(n)
	if !plain(n.Style) {
		return t, schema.String, n.Value, true
	}
	if n.Value == "" {
		r.report(ruleMissingValue, t.Range, "", "%s has no value; it wants %s", what, want)
		return t, kind, nil, false
	}
	kind, value, doubt := readPlain(n.Value)
	if doubt != nil {
		r.doubtful(t, doubt)
		return t, kind, nil, false
	}
	if kind == schema.String {
		value = n.Value
	}
	return t, kind, value, true
}

func (r *reader) doubtful(t Text, d *doubt) {
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
	t, kind, _, ok := r.scalar(n, what, want)
	if !ok {
		return t, false
	}
	if kind != schema.String {
		p := r.wrongType(n, what, want, "quote it: "+quote(t.Value))
		if kind != schema.Null {
			p.Fix = &diag.Fix{Title: "quote it", Range: t.Range, Text: quote(t.Value)}
		} else {
			p.Help = ""
		}
		return t, false
	}
	return t, r.withoutExpression(t, what)
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
	case n.Kind == yaml.ScalarNode && plain(n.Style) && n.Value == "":
		r.report(ruleMissingValue, r.place(n), "", "%s has no value; it wants %s", what, want)
	case n.Kind == yaml.MappingNode:
		r.wrongType(n, what, want, "begin each item with a hyphen and a blank")
	default:
		r.wrongType(n, what, want, "")
	}
	return nil, false
}

// A mapping is what was written as one, in order, each key once.
type mapping struct {
	r     *reader
	first diag.Range // its first key, or where it starts
	keys  []Text
	nodes []*yaml.Node
	odd   []string // what the unknown keys were probably meant to be
}

// mapping reads keys, which are plain text always: in `yes: 1` the key is the text "yes".
func (r *reader) mapping(n *yaml.Node, what, want string) (*mapping, bool) {
	n = follow(n)
	switch {
	case r.spoiled[n]:
		return nil, false
	case n.Kind == yaml.ScalarNode && plain(n.Style) && n.Value == "":
		r.report(ruleMissingValue, r.place(n), "", "%s has no value; it wants %s", what, want)
		return nil, false
	case n.Kind == yaml.SequenceNode:
		r.wrongType(n, what, want, "write keys and values, without hyphens or brackets")
		return nil, false
	case n.Kind != yaml.MappingNode:
		r.wrongType(n, what, want, "")
		return nil, false
	}
	m := &mapping{r: r, keys: make([]Text, 0, len(n.Content)/2), nodes: make([]*yaml.Node, 0, len(n.Content)/2)}
	var lines map[string]int // where there are so many keys that looking through them would take long
	if len(n.Content) > 32 {
		lines = make(map[string]int, len(n.Content)/2)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, ok := r.key(n.Content[i])
		if !ok {
			continue
		}
		line := lines[key.Value]
		if lines == nil && m.has(key.Value) {
			line = m.at(key.Value).Start.Line
		}
		if line != 0 {
			p := r.report(ruleDuplicateKey, key.Range, "remove one of the two", "%s stands twice in this mapping", schema.Show(key.Value))
			p.Notes = []string{fmt.Sprintf("the first is on line %d", line)}
			continue
		}
		if lines != nil {
			lines[key.Value] = key.Range.Start.Line
		}
		m.keys, m.nodes = append(m.keys, key), append(m.nodes, n.Content[i+1])
	}
	if len(m.keys) > 0 {
		m.first = m.keys[0].Range
	} else {
		m.first = r.place(n)
	}
	return m, true
}

func (r *reader) key(n *yaml.Node) (Text, bool) {
	at := n
	if n = follow(n); r.spoiled[n] {
		return Text{}, false
	}
	if n.Kind != yaml.ScalarNode {
		help := ""
		if strings.HasPrefix(r.text[max(0, r.start(n)-1):], "{{") {
			help = `an expression is written "${{ … }}"`
		}
		r.report(ruleBadKey, r.place(at), help, "a key is a text, not %s", describe(n))
		return Text{}, false
	}
	t, _ := r.textOf(n)
	switch {
	case plain(n.Style) && n.Value == "<<":
		r.report(ruleMerge, t.Range, "write the keys out; an alias (*name) as a whole value is fine", "merge keys (<<) are not read")
		return t, false
	case n.Value == "":
		r.report(ruleBadKey, t.Range, "", "a key is missing here")
		return t, false
	}
	return t, r.withoutExpression(t, "a key")
}

// allow keeps the keys that are known, and reports the others.
func (m *mapping) allow(what string, known []string) {
	var strangers []Text
	kept := 0
	for i, key := range m.keys {
		if !slices.Contains(known, key.Value) {
			strangers = append(strangers, key)
			continue
		}
		m.keys[kept], m.nodes[kept] = key, m.nodes[i]
		kept++
	}
	m.keys, m.nodes = m.keys[:kept], m.nodes[:kept]
	for _, key := range strangers {
		m.stranger(what, key, known)
	}
}

// stranger reports an unknown key, with what was probably meant; not where there are so many that nobody reads on.
func (m *mapping) stranger(what string, key Text, known []string) {
	near := ""
	if len(m.r.problems) < 200 {
		near = diag.Nearest(key.Value, known)
	}
	p := m.r.report(ruleUnknownKey, key.Range, "", "%s has no key %s", what, schema.Show(key.Value))
	if near == "" || m.has(near) { // what is there already was not meant
		p.Help = diag.DidYouMean("", known)
		return
	}
	m.odd = append(m.odd, near)
	p.Help = `did you mean "` + near + `"?`
	p.Fix = &diag.Fix{Title: "write " + near, Range: key.Range, Text: near}
}

func (m *mapping) index(key string) int {
	return slices.IndexFunc(m.keys, func(t Text) bool { return t.Value == key })
}

func (m *mapping) has(key string) bool { return m.index(key) >= 0 }

// get returns the value of a key, or nil.
func (m *mapping) get(key string) *yaml.Node {
	if i := m.index(key); i >= 0 {
		return m.nodes[i]
	}
	return nil
}

// at is the place of a key.
func (m *mapping) at(key string) diag.Range {
	if i := m.index(key); i >= 0 {
		return m.keys[i].Range
	}
	return m.first
}

// need reports a key that is missing, unless an unknown key was probably meant to be it.
func (m *mapping) need(key string, at diag.Range, help, what string) bool {
	if m.has(key) {
		return true
	}
	if !slices.Contains(m.odd, key) {
		m.r.report(ruleMissingKey, at, help, "%s has no %q", what, key)
	}
	return false
}

// quoted names a key in a message.
func quoted(key string) string {
	if len(key) > 80 || strings.IndexByte(key, '"') >= 0 {
		return schema.Show(key)
	}
	return `"` + key + `"`
}
