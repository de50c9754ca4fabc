package definition

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
	"errand/engine/schema"
)

// The limits of a file. The YAML parser handles deep nesting and does not expand aliases, so depth
// and nodes are counted on its tree before anything else walks it. Only the parser's time must be
// limited before parsing: maxMarks does this.
const (
	maxBytes = 256 << 10
	maxDepth = schema.MaxDepth  // nested mappings and lists, counted through aliases
	maxNodes = schema.MaxValues // keys, values and collections, counted again for each alias
	maxMarks = 50_000           // lines and separators, which determine the parser's time
)

// countMarks counts the characters that can start a node, and the lines.
func countMarks(text string) int {
	marks := 0
	for i := range len(text) {
		switch text[i] {
		case '\n', ',', '[', '{', ':', '?', '#':
			marks++
		case '-':
			if i+1 < len(text) && text[i+1] == ' ' {
				marks++
			}
		}
	}
	return marks
}

// load parses the text to a tree that is safe to walk: it is within the limits and has no cycles
// and no tags. If load returns nil, it has reported a problem.
func (r *reader) load(text []byte) *yaml.Node {
	if r.tooLong(text) || !r.readable() {
		return nil
	}
	if marks := countMarks(r.text); marks > maxMarks {
		r.report(ruleTooLarge, r.span(0, 0), fmt.Sprintf("the limit is %d lines and separators", maxMarks), "the file has %d lines and separators", marks)
		return nil
	}
	if !r.pinned && r.reportDirective() {
		return nil
	}
	document, err := decodeFirst(r.text)
	switch {
	case errors.Is(err, io.EOF):
		return r.reportEmpty()
	case err != nil && !errors.Is(err, errSecond):
		r.reportSyntax(err)
		return nil
	case err != nil:
		at := r.offset(diag.Position{Line: document.second, Column: 1})
		r.report(ruleSecond, r.span(at, at+len(r.restOfLine(at))), "a file holds one document; move the rest to another file", "a second document starts here")
	}
	root := document.root
	if root.Kind == yaml.ScalarNode && root.Style == 0 && (root.Value == "" || root.Value == "~" || root.Value == "null") {
		return r.reportEmpty()
	}
	m := measure{reader: r, open: map[*yaml.Node]bool{}}
	m.node(root, 0)
	if m.refused {
		return nil
	}
	return root
}

// reportDirective reports a directive before the document. The YAML parser ignores some directives and
// refuses others. It returns whether there is one.
func (r *reader) reportDirective() bool {
	for number := 1; number <= r.lines(); number++ {
		text, start := r.line(number)
		switch {
		case strings.HasPrefix(text, "%"):
			r.problems = append(r.problems, *directiveProblem(r.span(start, start+len(text))))
			return true
		case strings.TrimSpace(text) != "" && !strings.HasPrefix(text, "#"):
			return false
		}
	}
	return false
}

// tooLong reports a text of too many bytes. It returns whether it did.
func (r *reader) tooLong(text []byte) bool {
	if len(text) <= maxBytes {
		return false
	}
	r.report(ruleTooLarge, r.span(0, 0), fmt.Sprintf("the limit is %d bytes", maxBytes), "the file has %d bytes", len(text))
	return true
}

func (r *reader) reportEmpty() *yaml.Node {
	r.report(ruleEmpty, r.span(0, 0), "", "the file is empty")
	return nil
}

// readable reports text that an editor and a YAML reader can show differently: bytes that are not
// UTF-8, control characters, line breaks other than LF and CRLF, and invisible marks that change
// the direction of writing. It reports each kind of character once. It returns whether there is
// none.
func (r *reader) readable() bool {
	if wideEncoding(r.text) != "" {
		r.notUTF8(0)
		return false
	}
	found := map[rune]int{} // how many there are
	first := map[rune]int{} // the index of the problem
	for i := 0; i < len(r.text); {
		b := r.text[i]
		if b >= ' ' && b < 0x7f || b == '\n' || b == '\t' {
			i++
			continue
		}
		c, size := utf8.DecodeRuneInString(r.text[i:])
		if c == utf8.RuneError && size == 1 {
			r.notUTF8(i)
			return false
		}
		if name := refusedCharacter(c); name != "" && !strings.HasPrefix(r.text[i:], "\r\n") {
			if found[c]++; found[c] == 1 {
				first[c] = len(r.problems)
				r.report(ruleCharacter, r.span(i, i+size), characterHelp(c), "%s (%U) is not allowed", name, c)
			}
		}
		i += size
	}
	for c, n := range found {
		if n > 1 {
			r.problems[first[c]].Notes = []string{fmt.Sprintf("the file has %d of them", n)}
		}
	}
	return len(found) == 0
}

// notUTF8 reports that the byte at an offset is not UTF-8, or what the whole file is instead.
func (r *reader) notUTF8(at int) {
	if name := wideEncoding(r.text); name != "" {
		r.report(ruleEncoding, r.span(0, 0), "save the file as UTF-8", "the file is %s, not UTF-8", name)
		return
	}
	r.report(ruleEncoding, r.span(at, at+1), "save the file as UTF-8", "byte 0x%02x is not UTF-8", r.text[at])
}

// wideEncoding returns the name of an encoding with units of more than one byte, or "". Without a
// mark at the start, every second byte of UTF-16 and three of four bytes of UTF-32 are zero, as long
// as the text is mostly ASCII.
func wideEncoding(text string) string {
	switch {
	case strings.HasPrefix(text, "\xff\xfe\x00\x00"), strings.HasPrefix(text, "\x00\x00\xfe\xff"):
		return "UTF-32"
	case strings.HasPrefix(text, "\xff\xfe"), strings.HasPrefix(text, "\xfe\xff"):
		return "UTF-16"
	}
	const sample = 256
	head := text[:min(len(text), sample)]
	if len(head) < 4 {
		return ""
	}
	switch zeros := 100 * strings.Count(head, "\x00") / len(head); {
	case zeros >= 60:
		return "UTF-32"
	case zeros >= 30:
		return "UTF-16"
	}
	return ""
}

func refusedCharacter(c rune) string {
	switch {
	case c == '\r':
		return "a carriage return without a line feed"
	case c == 0x85 || c == 0x2028 || c == 0x2029:
		return "a line break that is not LF or CRLF"
	case c < ' ' || c >= 0x7f && c < 0xa0:
		return "a control character"
	case c == 0xfeff:
		return "a byte order mark inside the text"
	case c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069:
		return "an invisible mark that changes the direction of writing"
	case c == 0xfffe || c == 0xffff:
		return "a code point that is not a character"
	}
	return ""
}

func characterHelp(c rune) string {
	if c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029 {
		return "save the file with LF or CRLF as line breaks"
	}
	return fmt.Sprintf(`remove it; in double quotes it can be written as "\u%04x"`, c)
}

type document struct {
	root   *yaml.Node
	second int // the line where a second document starts
}

var errSecond = errors.New("a second document")

// decodeFirst parses one document. On some malformed input the parser panics instead of returning
// an error (it reads past its buffer, or meets an event that it did not expect). decodeFirst
// therefore returns a panic as a syntax error.
func decodeFirst(text string) (d document, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("yaml: %v", p)
		}
	}()
	var first, second yaml.Node
	decoder := yaml.NewDecoder(strings.NewReader(text))
	if err := decoder.Decode(&first); err != nil {
		return d, err
	}
	d.root = first.Content[0]
	switch err := decoder.Decode(&second); {
	case errors.Is(err, io.EOF):
		return d, nil
	case err != nil:
		return d, err
	}
	d.second = second.Line
	return d, errSecond
}

// measure walks the tree as if every alias were replaced by the node that it names.
type measure struct {
	*reader
	nodes   int
	open    map[*yaml.Node]bool // anchored nodes on the path from the root
	refused bool
	outer   *yaml.Node // the outermost alias that is being followed
}

func (m *measure) node(n *yaml.Node, depth int) {
	if m.nodes++; m.nodes == maxNodes+1 {
		m.refuse(ruleTooLarge, n, "split the workflow", fmt.Sprintf("the file has more than %d nodes, counted again for each alias", maxNodes))
	}
	if m.nodes > maxNodes {
		return
	}
	if n.Kind == yaml.AliasNode {
		m.alias(n, depth)
		return
	}
	if m.outer == nil {
		m.refuseTag(n)
	}
	if n.Kind == yaml.ScalarNode {
		return
	}
	if depth++; depth > maxDepth {
		if !m.refused {
			m.refuse(ruleTooLarge, n, "", fmt.Sprintf("mappings and lists are nested more than %d deep", maxDepth))
		}
		return
	}
	if n.Anchor != "" {
		m.open[n] = true
		defer delete(m.open, n)
	}
	for _, child := range n.Content {
		m.node(child, depth)
	}
}

func (m *measure) alias(n *yaml.Node, depth int) {
	if m.open[n.Alias] {
		m.refuse(ruleCyclic, n, "write the value out", fmt.Sprintf("the alias *%s is inside the value that it names", n.Value))
		return
	}
	if m.outer == nil {
		m.outer = n
		defer func() { m.outer = nil }()
	}
	m.node(n.Alias, depth)
}

func (m *measure) refuse(rule string, n *yaml.Node, help, message string) {
	m.refused = true
	if m.outer != nil && rule == ruleTooLarge {
		n = m.outer
	}
	at := m.offset(diag.Position{Line: n.Line, Column: n.Column})
	end := at + 1
	if n.Kind == yaml.AliasNode {
		end += len(n.Value)
	}
	m.report(rule, m.span(at, end), help, "%s", message)
}

// refuseTag reports a tag and marks its value as reported, so that nothing else is reported about
// it.
func (m *measure) refuseTag(n *yaml.Node) {
	at := m.offset(diag.Position{Line: n.Line, Column: n.Column})
	_, tag := afterProperties(m.text, at)
	if tag.to == 0 {
		return
	}
	m.reported[n] = true
	help := "remove the tag"
	if n.Kind == yaml.ScalarNode && plain(n.Style) {
		whole := m.text[tag.from:tag.to]
		if n.Value != "" {
			_, end := m.textOf(n)
			whole = m.text[tag.from:end]
		}
		help = "if you mean a text or an expression, quote it: " + quote(whole)
	}
	m.report(ruleTag, m.span(tag.from, tag.to), help, "%s is a YAML tag; tags are not supported", m.text[tag.from:tag.to])
}

// cutComment removes a comment from the end of a line.
func cutComment(line string) string {
	if before, _, ok := strings.Cut(line, " #"); ok {
		return before
	}
	return line
}
