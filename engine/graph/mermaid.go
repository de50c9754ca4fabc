package graph

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"errand/engine/diag"
)

// Mermaid returns the graph as a flowchart. It uses only the syntax of Mermaid 10, which all sites
// support, and colours that are readable on light and dark pages.
func (g *Graph) Mermaid() []byte {
	m := &mermaid{classes: map[string][]string{}}
	fmt.Fprintf(&m.b, "---\ntitle: %s\n%s---\nflowchart TB\n", mermaidTitle(g.Title), mermaidSettings)
	for _, lane := range g.Lanes {
		if lane.Kind == Main {
			m.parts(lane.Parts, "  ")
		} else {
			m.group(lane, "  ")
		}
	}
	m.b.WriteByte('\n')
	m.edges(g.Edges)
	for _, lane := range g.Lanes[1:] { // an invisible link places the lane below the main list
		fmt.Fprintf(&m.b, "  %s ~~~ %s\n", g.Lanes[0].last().ID, lane.ID)
	}
	m.b.WriteByte('\n')
	for _, c := range mermaidClasses {
		if ids := m.classes[c.name]; len(ids) > 0 {
			fmt.Fprintf(&m.b, "  classDef %s %s\n  class %s %s\n", c.name, c.style, strings.Join(ids, ","), c.name)
		}
	}
	return m.b.Bytes()
}

// mermaidSettings make room for headings. A version that does not support them ignores them.
const mermaidSettings = `config:
  flowchart:
    wrappingWidth: 320
    subGraphTitleMargin: {top: 4, bottom: 18}
`

// A mermaid is an unfinished flowchart.
type mermaid struct {
	b       bytes.Buffer
	classes map[string][]string // the ids of the nodes of each class
}

var mermaidClasses = []struct{ name, style string }{
	{"bar", "fill:#5b6675,stroke:#5b6675,color:#fff"},
	{"person", "stroke:#b7791f,stroke-width:2px"},
	{"failure", "stroke:#c4314b,stroke-width:2px"},
	{"fails", "stroke:#c4314b,stroke-dasharray:5 4,fill:none"},
	{"undo", "stroke:#7a4fc9,stroke-dasharray:2 3,fill:none"},
}

// mermaidShapes are the brackets around a node's text.
var mermaidShapes = map[Kind][2]string{
	Start: {"([", "])"}, End: {"([", "])"}, Task: {"[", "]"}, Subworkflow: {"[[", "]]"}, Approval: {`[\`, `/]`}, Fail: {"[", "]"},
	Condition: {"{{", "}}"}, Decision: {"{", "}"}, Fork: {"[", "]"}, Join: {"[", "]"},
}

func (m *mermaid) parts(parts []*Part, indent string) {
	for _, p := range parts {
		if p.If != nil {
			m.node(p.If, indent)
		}
		inner := indent
		if p.Box != nil {
			m.open(p.Box.ID, p.Box.Lines, indent)
			inner += "  "
		}
		if p.Node != nil {
			m.node(p.Node, inner)
		}
		for _, way := range p.Ways {
			m.list(way, inner)
		}
		if p.Join != nil {
			m.node(p.Join, inner)
		}
		if p.Box != nil {
			m.close(indent)
		}
		for _, handler := range []*Group{p.Undo, p.Fails} {
			if handler != nil && len(handler.Parts) > 0 {
				m.group(handler, indent)
			}
		}
	}
}

func (m *mermaid) list(g *Group, indent string) {
	m.parts(g.Parts, indent)
	if g.End != nil {
		m.node(g.End, indent)
	}
}

func (m *mermaid) group(g *Group, indent string) {
	m.open(g.ID, g.Lines, indent)
	m.list(g, indent+"  ")
	m.close(indent)
	switch g.Kind {
	case StandIn, OnFailure:
		m.class("fails", g.ID)
	case Undo:
		m.class("undo", g.ID)
	}
}

func (m *mermaid) open(id string, lines []Line, indent string) {
	fmt.Fprintf(&m.b, "%ssubgraph %s[\"%s\"]\n%s  direction TB\n", indent, id, mermaidLines(lines, " · ", 36), indent)
}

func (m *mermaid) close(indent string) { fmt.Fprintf(&m.b, "%send\n", indent) }

func (m *mermaid) node(n *Node, indent string) {
	shape := mermaidShapes[n.Kind]
	fmt.Fprintf(&m.b, "%s%s%s\"%s\"%s\n", indent, n.ID, shape[0], mermaidLines(n.Lines, "<br/>", 34), shape[1])
	switch n.Kind {
	case Fork, Join:
		m.class("bar", n.ID)
	case Approval:
		m.class("person", n.ID)
	case Fail:
		m.class("failure", n.ID)
	}
}

func (m *mermaid) class(name, id string) { m.classes[name] = append(m.classes[name], id) }

func (m *mermaid) edges(edges []Edge) {
	var fails, undo []string
	for i, e := range edges {
		from, to, arrow := cmp.Or(e.Out, e.From.ID), cmp.Or(e.In, e.To.ID), "-->"
		switch e.Kind {
		case Around:
			arrow = "-.->"
		case WhenFails:
			arrow = "-.->"
			fails = append(fails, fmt.Sprint(i))
		case WhenUndo:
			arrow = "-.->"
			undo = append(undo, fmt.Sprint(i))
		}
		if e.Label != "" {
			arrow += `|"` + mermaidLines([]Line{{Style: Note, Text: e.Label}}, "<br/>", 22) + `"|`
		}
		fmt.Fprintf(&m.b, "  %s %s %s\n", from, arrow, to)
	}
	for _, style := range []struct {
		edges []string
		color string
	}{{fails, "#c4314b"}, {undo, "#7a4fc9"}} {
		if len(style.edges) > 0 {
			fmt.Fprintf(&m.b, "  linkStyle %s stroke:%s\n", strings.Join(style.edges, ","), style.color)
		}
	}
}

// mermaidLines joins lines. The lines below the title are small. Each line is wrapped and cut.
func mermaidLines(lines []Line, between string, room int) string {
	var all []string
	for _, l := range lines {
		wrapped, _ := wrap(l.Text, room, 4, diag.Width)
		for i := range wrapped {
			wrapped[i] = mermaidText(wrapped[i])
		}
		text := strings.Join(wrapped, "<br/>")
		if l.Style != Title && len(lines) > 1 && between == "<br/>" {
			text = "<small>" + text + "</small>"
		}
		all = append(all, text)
	}
	return strings.Join(all, between)
}

// mermaidText escapes a text for a quoted label. A label is parsed three times: by Mermaid's
// grammar, as Markdown and as HTML. Before that the whole file is searched for directives. A
// character that has no meaning in any of these is written as it is; every other becomes the entity
// of its number.
func mermaidText(s string) string {
	// the ligature begins an entity in Mermaid's own notation
	s = strings.ReplaceAll(s, "\uFB02", "fl")
	var b strings.Builder
	before := rune(0)
	for at, c := range s {
		after, _ := utf8.DecodeRuneInString(s[at+utf8.RuneLen(c):])
		if mermaidPlain(before, c, after, s[:at]) {
			b.WriteRune(c)
		} else {
			fmt.Fprintf(&b, "#%d;", c)
		}
		if c == '$' && after == '$' || c == ':' && after == 'f' || c == '¶' && after == 'ß' {
			// Two dollars begin a formula, fa:fa-bell is an icon, and ° and ¶ belong to Mermaid's
			// own notation of an entity, even as entities. A space of zero width separates them.
			b.WriteString("#8203;")
		}
		before = c
	}
	return b.String()
}

func mermaidPlain(before, c, after rune, sofar string) bool {
	inWord := isWord(before) && isWord(after)
	switch {
	case c > unicode.MaxASCII, isWord(c), c == ' ', c == ',':
		return true
	case c == '_', c == '-', c == '/':
		return inWord
	case c == '.': // neither the number of a list item nor the address of a page
		return (inWord || after == utf8.RuneError || after == ' ') && !isDigits(sofar) && !strings.HasSuffix(strings.ToLower(sofar), "www")
	case c == '(', c == ')', c == '\'', c == '?':
		return !isDigits(sofar)
	}
	return false
}

func isWord(c rune) bool {
	return c != utf8.RuneError && (unicode.IsLetter(c) || unicode.IsDigit(c))
}

func isDigits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

// mermaidTitle returns a text as a quoted YAML scalar that contains no directive. Mermaid removes
// text that resembles HTML and shows entities literally, so the special characters of HTML are
// replaced by similar ones.
func mermaidTitle(s string) string {
	// a string always encodes
	quoted, _ := json.Marshal(strings.NewReplacer("<", "‹", ">", "›", "&", "＆").Replace(s))
	return strings.NewReplacer("%", `\u0025`, "#", `\u0023`).Replace(string(quoted))
}
