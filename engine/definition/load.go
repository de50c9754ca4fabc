package definition

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
)

// What is read at most. The YAML parser nests without harm and does not expand aliases, so depth and nodes are counted on its tree,
// before anything else walks it; only its time must be bounded beforehand.
const (
	maxBytes = 256 << 10
	maxDepth = 32     // mappings and lists within one another, through aliases
	maxNodes = 10_000 // keys, values and collections, each as often as aliases repeat it
	maxMarks = 50_000 // lines and separators: what costs the YAML parser time, before there is a tree to count
)

// structure counts what could start a node, or is a line to be skipped.
func structure(text string) int {
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

// load turns the text into one tree that is safe to walk: within the limits, without cycles and without tags. It is nil where
// there is none, and then a problem says why.
func (r *reader) load(text []byte) *yaml.Node {
	if len(text) > maxBytes {
		r.report(ruleTooLarge, r.span(0, 0), fmt.Sprintf("at most %d bytes are read", maxBytes), "the file has %d bytes", len(text))
		return nil
	}
	if !r.readable() {
		return nil
	}
	if marks := structure(r.text); marks > maxMarks {
		r.report(ruleTooLarge, r.span(0, 0), fmt.Sprintf("at most %d lines and separators are read", maxMarks), "the file has %d lines and separators", marks)
		return nil
	}
	document, err := decodeFirst(r.text)
	switch {
	case errors.Is(err, io.EOF):
		return r.empty()
	case err != nil && !errors.Is(err, errSecond):
		r.syntax(err)
		return nil
	case err != nil:
		at := r.offset(diag.Position{Line: document.second, Column: 1})
		r.report(ruleSecond, r.span(at, at+len(r.restOfLine(at))), "one file is one document; put the rest in a file of its own", "a second document starts here")
	}
	root := document.root
	if root.Kind == yaml.ScalarNode && root.Style == 0 && (root.Value == "" || root.Value == "~" || root.Value == "null") {
		return r.empty()
	}
	m := measure{reader: r, open: map[*yaml.Node]bool{}}
	m.node(root, 0)
	if m.refused {
		return nil
	}
	return root
}

func (r *reader) empty() *yaml.Node {
	r.report(ruleEmpty, r.span(0, 0), "", "the file is empty")
	return nil
}

// readable refuses text that editors and YAML show differently: what is not UTF-8, control characters, line breaks other than LF
// and CRLF, and marks that turn the direction of writing.
func (r *reader) readable() bool {
	before := len(r.problems)
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
			r.report(ruleCharacter, r.span(i, i+size), characterHelp(c), "%s (%U) is not allowed", name, c)
			if len(r.problems)-before == 20 {
				return false
			}
		}
		i += size
	}
	return len(r.problems) == before
}

func (r *reader) notUTF8(at int) {
	help := "save the file as UTF-8"
	if strings.HasPrefix(r.text, "\xff\xfe") || strings.HasPrefix(r.text, "\xfe\xff") {
		help = "this looks like UTF-16; " + help
	}
	r.report(ruleEncoding, r.span(at, at+1), help, "byte 0x%02x is not UTF-8", r.text[at])
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
		return "a byte order mark within the text"
	case c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069:
		return "an invisible mark that turns the direction of writing"
	case c == 0xfffe || c == 0xffff:
		return "a character that does not exist"
	}
	return ""
}

func characterHelp(c rune) string {
	if c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029 {
		return "save the file with LF or CRLF as line breaks"
	}
	return fmt.Sprintf(`remove it; within double quotes it can be written as "\u%04x"`, c)
}

type document struct {
	root   *yaml.Node
	second int // the line where a second document starts
}

var errSecond = errors.New("a second document")

// decodeFirst parses one document. The parser panics on some malformed input rather than return an error (it reads past its
// buffer, or meets an event it did not expect), so a panic means that this is not YAML.
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

// measure walks the tree as it would be with every alias replaced by what it names.
type measure struct {
	*reader
	nodes   int
	open    map[*yaml.Node]bool // anchored nodes on the way from the root
	refused bool
	outer   *yaml.Node // the alias that is being followed, the first on the way
}

func (m *measure) node(n *yaml.Node, depth int) {
	if m.nodes++; m.nodes == maxNodes+1 {
		m.refuse(ruleTooLarge, n, "divide the workflow", fmt.Sprintf("the file has more than %d nodes, counting what aliases repeat", maxNodes))
	}
	if m.nodes > maxNodes {
		return
	}
	if n.Kind == yaml.AliasNode {
		m.alias(n, depth)
		return
	}
	if m.outer == nil {
		m.tag(n)
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
		m.refuse(ruleCyclic, n, "write out what is meant", fmt.Sprintf("*%s stands inside what it names", n.Value))
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

// tag refuses a tag, and has the value taken as known to be wrong from then on.
func (m *measure) tag(n *yaml.Node) {
	at := m.offset(diag.Position{Line: n.Line, Column: n.Column})
	_, tag := afterProperties(m.text, at)
	if tag.to == 0 {
		return
	}
	m.spoiled[n] = true
	help := "remove the tag"
	if n.Kind == yaml.ScalarNode && plain(n.Style) {
		whole := m.text[tag.from:tag.to]
		if n.Value != "" {
			_, end := m.textOf(n)
			whole = m.text[tag.from:end]
		}
		help = "where a text or an expression is meant, quote it: " + quote(whole)
	}
	m.report(ruleTag, m.span(tag.from, tag.to), help, "%s is a YAML tag, and tags are not read", m.text[tag.from:tag.to])
}

// cutComment removes a comment from the end of a line.
func cutComment(line string) string {
	if before, _, ok := strings.Cut(line, " #"); ok {
		return before
	}
	return line
}
