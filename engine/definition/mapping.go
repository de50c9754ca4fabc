package definition

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/schema"
)

// A mapping holds the keys and values of a YAML mapping, in the order written. Each key occurs
// once.
type mapping struct {
	r       *reader
	first   diag.Range // the range of the first key; if there is none, of the mapping
	keys    []Text
	nodes   []*yaml.Node
	guesses []string // the known keys that the unknown keys were probably meant to be
}

// mapping reads the keys and nodes of a YAML mapping. A key is always a text: in `yes: 1` the key
// is the text "yes".
func (r *reader) mapping(n *yaml.Node, what, want string) (*mapping, bool) {
	n = follow(n)
	switch {
	case r.reported[n]:
		return nil, false
	case r.reportAbsent(n, what, want):
		return nil, false
	case n.Kind == yaml.SequenceNode:
		r.reportWrongType(n, what, want, "write keys and values, without hyphens or brackets")
		return nil, false
	case n.Kind != yaml.MappingNode:
		r.reportWrongType(n, what, want, "")
		return nil, false
	}
	m := &mapping{r: r, keys: make([]Text, 0, len(n.Content)/2), nodes: make([]*yaml.Node, 0, len(n.Content)/2)}
	// the line of each key; only for large mappings, in which a linear search is slow
	var lines map[string]int
	if len(n.Content) > 32 {
		lines = make(map[string]int, len(n.Content)/2)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, ok := r.key(n.Content[i])
		if !ok {
			continue
		}
		if cut := r.cutKeys(n, i); cut > 0 {
			r.reportCutValue(key, n, i, cut)
			i += 2 * (cut - 1)
			continue
		}
		line := lines[key.Value]
		if lines == nil && m.has(key.Value) {
			line = m.at(key.Value).Start.Line
		}
		if line != 0 {
			p := r.report(ruleDuplicateKey, key.Range, "remove one of the two", "the key %s occurs twice in this mapping", schema.Show(key.Value))
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

// cutKeys returns how many keys without a colon follow a value of a mapping in { }, from the key at index i
// on: commas in the value end it.
func (r *reader) cutKeys(n *yaml.Node, i int) (count int) {
	if n.Style&yaml.FlowStyle == 0 || i == 0 {
		return 0
	}
	value := n.Content[i-1]
	if value.Kind != yaml.ScalarNode || !plain(value.Style) || isEmpty(value) {
		return 0
	}
	for ; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || !plain(key.Style) || key.Line != value.Line || !isEmpty(n.Content[i+1]) {
			break
		}
		if _, end := r.textOf(key); strings.HasPrefix(strings.TrimLeft(r.text[end:], " "), ":") {
			break
		}
		count++
	}
	return count
}

// reportCutValue reports keys that cutKeys found.
func (r *reader) reportCutValue(key Text, n *yaml.Node, i, count int) {
	value := n.Content[i-1]
	start := r.start(value)
	_, end := r.textOf(n.Content[i+2*(count-1)])
	text := r.text[start:end]
	p := r.report(ruleBadKey, key.Range, "if it belongs to the value before it, quote the value: "+quote(text), "%s has no colon after it; the comma before it ends the value %s", schema.Show(key.Value), schema.Show(value.Value))
	switch duration := schema.DurationOfWords(text); {
	case duration != "":
		p.Range, p.Help = r.span(start, end), "write "+duration
		p.Fix = &diag.Fix{Title: p.Help, Range: p.Range, Text: duration}
	case !strings.Contains(text, ", "):
		p.Help = "quote the value: " + quote(text)
		p.Fix = &diag.Fix{Title: "quote the value", Range: r.span(start, end), Text: quote(text)}
	}
}

func (r *reader) key(n *yaml.Node) (Text, bool) {
	at := n
	if n = follow(n); r.reported[n] {
		return Text{}, false
	}
	if n.Kind != yaml.ScalarNode {
		p := r.report(ruleBadKey, r.place(at), "", "a key must be a text, not %s", describe(n))
		if open := r.start(n) - 1; open >= 0 && strings.HasPrefix(r.text[open:], "{{") {
			p.Help = `an expression is written "${{ … }}"`
			if inner, _, ok := strings.Cut(r.restOfLine(open)[2:], "}}"); ok && !strings.ContainsAny(inner, "{}") {
				write := quote("${{ " + strings.TrimSpace(inner) + " }}")
				p.Range = r.span(open, open+len(inner)+4)
				p.Help, p.Fix = "write "+write, &diag.Fix{Title: "make it an expression", Range: p.Range, Text: write}
			}
		}
		return Text{}, false
	}
	t, _ := r.textOf(n)
	switch {
	case plain(n.Style) && n.Value == "<<":
		r.report(ruleMerge, t.Range, "write the keys out, or use an alias (*name) for a whole value", "merge keys (<<) are not supported")
		return t, false
	case n.Value == "":
		r.report(ruleBadKey, t.Range, "", "the key is empty")
		return t, false
	}
	return t, r.withoutExpression(t, "a key")
}

// keepKnown keeps the known keys and reports the others.
func (m *mapping) keepKnown(what string, known []string) {
	var strangers []Text
	var values []*yaml.Node
	kept := 0
	for i, key := range m.keys {
		if !slices.Contains(known, key.Value) {
			strangers, values = append(strangers, key), append(values, m.nodes[i])
			continue
		}
		m.keys[kept], m.nodes[kept] = key, m.nodes[i]
		kept++
	}
	m.keys, m.nodes = m.keys[:kept], m.nodes[:kept]
	for i, key := range strangers {
		m.reportUnknown(what, key, values[i], known)
	}
}

// reportUnknown reports an unknown key and suggests the key that was probably meant, first by the
// table of habits. It compares no keys after 200 problems, to save time.
func (m *mapping) reportUnknown(what string, key Text, value *yaml.Node, known []string) {
	if what == inStep && holdsForm(value) {
		m.r.report(ruleUnknownKey, key.Range, "write the keys of the step directly after its hyphen, and its name as id:", "%s has no key %s", what, schema.Show(key.Value))
		m.guesses = append(m.guesses, TaskForm)
		return
	}
	if what == inStep && taskType.MatchString(key.Value) {
		m.reportTaskAsKey(key, value)
		return
	}
	if m.reportHabit(what, key, value, known) || m.reportWideBlank(what, key) || m.reportConfusable(what, key, known) {
		return
	}
	// a key that is already present was not meant
	free := slices.DeleteFunc(slices.Clone(known), m.means)
	near, taken := "", ""
	if len(m.r.problems) < 200 {
		near, taken = diag.Nearest(key.Value, free), diag.Nearest(key.Value, known)
	}
	p := m.r.report(ruleUnknownKey, key.Range, "", "%s has no key %s", what, schema.Show(key.Value))
	if near == "" {
		if taken != "" {
			p.Help = m.onlyOnce(taken)
		} else if len(known) <= 16 {
			p.Help = "known keys are " + strings.Join(known, ", ")
		}
		return
	}
	m.guesses = append(m.guesses, near)
	p.Help = `did you mean "` + near + `"?`
	if diag.Certain(key.Value, free) == near {
		p.Fix = &diag.Fix{Title: "write " + near, Range: key.Range, Text: near}
	}
}

// reportConfusable reports an unknown key that looks like a known one. It returns whether it did.
func (m *mapping) reportConfusable(what string, key Text, known []string) bool {
	looks, why := diag.Confusable(key.Value)
	if !slices.Contains(known, looks) {
		return false
	}
	p := m.r.report(ruleUnknownKey, key.Range, "write "+looks, "%s has no key %s; %s", what, schema.Show(key.Value), why)
	if m.means(looks) {
		p.Help = m.onlyOnce(looks)
		return true
	}
	m.guesses = append(m.guesses, looks)
	p.Fix = &diag.Fix{Title: "write " + looks, Range: key.Range, Text: looks}
	return true
}

// drop removes keys that were already reported.
func (m *mapping) drop(keys []string) {
	kept := 0
	for i, key := range m.keys {
		if !slices.Contains(keys, key.Value) {
			m.keys[kept], m.nodes[kept] = key, m.nodes[i]
			kept++
		}
	}
	m.keys, m.nodes = m.keys[:kept], m.nodes[:kept]
}

// run returns the indexes of the first and the last of some keys, and how many of them are present.
func (m *mapping) run(keys []string) (first, last, count int) {
	first = -1
	for i, key := range m.keys {
		if !slices.Contains(keys, key.Value) {
			continue
		}
		if first < 0 {
			first = i
		}
		last = i
		count++
	}
	return first, last, count
}

func (m *mapping) index(key string) int {
	return slices.IndexFunc(m.keys, func(t Text) bool { return t.Value == key })
}

func (m *mapping) has(key string) bool { return m.index(key) >= 0 }

// means reports whether a key is present, or an unknown key was probably meant to be it.
func (m *mapping) means(key string) bool { return m.has(key) || slices.Contains(m.guesses, key) }

// onlyOnce returns the help for a second key that was meant to be one that is present or guessed.
func (m *mapping) onlyOnce(key string) string {
	if m.has(key) {
		return `remove it; "` + key + `" is given already`
	}
	return "write one " + key + ":, and remove the other key"
}

// get returns the value of a key, or nil.
func (m *mapping) get(key string) *yaml.Node {
	if i := m.index(key); i >= 0 {
		return m.nodes[i]
	}
	return nil
}

// at returns the range of a key.
func (m *mapping) at(key string) diag.Range {
	if i := m.index(key); i >= 0 {
		return m.keys[i].Range
	}
	return m.first
}

// require reports a missing key, unless an unknown key was probably meant to be it. It returns
// whether the key is present.
func (m *mapping) require(key string, at diag.Range, help, what string) bool {
	if !m.means(key) {
		m.r.report(ruleMissingKey, at, help, "%s needs %q", what, key)
	}
	return m.has(key)
}
