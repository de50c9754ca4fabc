package graph

import (
	"errand/engine/picture"

	"bytes"
	"fmt"
	"strings"

	"errand/engine/diag"
)

// DOT returns the graph in the language of Graphviz.
func (g *Graph) DOT() []byte {
	d := &dot{}
	d.line("", "digraph %s {", dotString(g.Name))
	d.line("  ", "graph [label=<%s>, labelloc=t, fontsize=16, fontname=%s, compound=true, ranksep=0.35, nodesep=0.4, pad=0.3]", dotLines([]Line{{Style: Title, Text: g.Title}}, 60, "<BR/>"), dotFont)
	d.line("  ", `node [shape=box, style="rounded,filled", fillcolor=white, color="#8792a2", fontname=%s, fontsize=12, margin="0.2,0.1"]`, dotFont)
	d.line("  ", `edge [color="#5b6675", fontname=%s, fontsize=10, arrowsize=0.7]`, dotFont)
	for _, lane := range g.Lanes {
		if lane.Kind == Main {
			d.parts(lane.Parts, "  ")
		} else {
			d.group(lane, "  ")
		}
	}
	for _, e := range g.Edges {
		d.edge(e)
	}
	d.line("", "}")
	return d.b.Bytes()
}

const dotFont = "Helvetica"

// A dot is an unfinished file for Graphviz.
type dot struct{ b bytes.Buffer }

func (d *dot) line(indent, format string, args ...any) {
	d.b.WriteString(indent)
	fmt.Fprintf(&d.b, format, args...)
	d.b.WriteByte('\n')
}

var dotShapes = map[Kind]string{
	Start:       `shape=box, style="rounded,filled", fillcolor="#e8ecf1"`,
	End:         `shape=box, style="rounded,filled", fillcolor="#e8ecf1"`,
	Subworkflow: "peripheries=2, style=filled",
	Approval:    `style="diagonals,filled", fillcolor="#fff6df", color="#b7791f"`,
	Fail:        `style="rounded,filled", fillcolor="#fdecee", color="#c4314b"`,
	Condition:   `shape=hexagon, style=filled, fillcolor="#eef3fb", margin="0.05,0.02"`,
	Decision:    `shape=diamond, style=filled, fillcolor="#eef3fb", margin="0.02,0.06"`,
	Fork:        `shape=box, style=filled, fillcolor="#5b6675", height=0.08, width=2.4, margin=0`,
	Join:        `shape=box, style=filled, fillcolor="#5b6675", height=0.08, width=2.4, margin=0`,
}

func (d *dot) parts(parts []*Part, indent string) {
	for _, p := range parts {
		if p.If != nil {
			d.node(p.If, indent)
		}
		inner := indent
		if p.Box != nil {
			d.open(p.Box.ID, p.Box.Lines, `style="rounded,filled", fillcolor="#f4f6f9", color="#c3ccd8", fontcolor=black`, indent)
			inner += "  "
		}
		if p.Node != nil {
			d.node(p.Node, inner)
		}
		for _, way := range p.Ways {
			d.list(way, inner)
		}
		if p.Join != nil {
			d.node(p.Join, inner)
		}
		if p.Box != nil {
			d.line(indent, "}")
		}
		for _, handler := range []*Group{p.Undo, p.Fails} {
			if handler != nil && len(handler.Parts) > 0 {
				d.group(handler, indent)
			}
		}
	}
}

func (d *dot) list(g *Group, indent string) {
	d.parts(g.Parts, indent)
	if g.End != nil {
		d.node(g.End, indent)
	}
}

func (d *dot) group(g *Group, indent string) {
	look := `style=rounded, color="#c3ccd8", fontcolor=black`
	switch g.Kind {
	case StandIn, OnFailure:
		look = `style="rounded,dashed", color="#c4314b", fontcolor="#c4314b"`
	case Undo:
		look = `style="rounded,dotted", color="#7a4fc9", fontcolor="#7a4fc9"`
	}
	d.open(g.ID, g.Lines, look, indent)
	d.list(g, indent+"  ")
	d.line(indent, "}")
}

func (d *dot) open(id string, lines []Line, look, indent string) {
	d.line(indent, "subgraph %s {", dotString("cluster_"+id))
	d.line(indent+"  ", "graph [label=<%s>, labeljust=l, fontsize=12, %s]", dotLines(lines, 44, leftEnd)+leftEnd, look)
}

func (d *dot) node(n *Node, indent string) {
	label := `""` // a bar has no text
	if n.Kind != Fork && n.Kind != Join {
		label = "<" + dotLines(n.Lines, 34, "<BR/>") + ">"
	}
	shape := dotShapes[n.Kind]
	if shape != "" {
		shape = ", " + shape
	}
	d.line(indent, "%s [label=%s%s]", dotString(n.ID), label, shape)
}

func (d *dot) edge(e Edge) {
	var attributes []string
	switch e.Kind {
	case Around:
		attributes = append(attributes, "style=dashed")
	case WhenFails:
		attributes = append(attributes, `style=dashed, color="#c4314b", fontcolor="#c4314b"`)
	case WhenUndo:
		attributes = append(attributes, `style=dotted, color="#7a4fc9", fontcolor="#7a4fc9"`)
	}
	if e.Label != "" {
		attributes = append(attributes, "label=<&#160;"+dotLines([]Line{{Style: Note, Text: e.Label}}, 28, "<BR/>&#160;")+">")
	}
	if e.Out != "" {
		attributes = append(attributes, "ltail="+dotString("cluster_"+e.Out))
	}
	if e.In != "" {
		attributes = append(attributes, "lhead="+dotString("cluster_"+e.In))
	}
	look := ""
	if len(attributes) > 0 {
		look = " [" + strings.Join(attributes, ", ") + "]"
	}
	d.line("  ", "%s -> %s%s", dotString(e.From.ID), dotString(e.To.ID), look)
}

// leftEnd ends a line that is aligned to the left.
const leftEnd = `<BR ALIGN="LEFT"/>`

// dotLines returns a label in Graphviz's HTML. The lines below the title are small. Each line is
// wrapped and cut. end separates the lines.
func dotLines(lines []Line, room int, end string) string {
	var all []string
	for _, l := range lines {
		wrapped, _ := wrap(l.Text, room, 4, diag.Width)
		for i := range wrapped {
			wrapped[i] = dotText(wrapped[i])
		}
		text := strings.Join(wrapped, end)
		switch {
		case l.Style == Title:
			text = "<B>" + text + "</B>"
		case len(lines) > 1:
			text = `<FONT POINT-SIZE="10">` + text + "</FONT>"
		}
		all = append(all, text)
	}
	return strings.Join(all, end)
}

// dotText escapes a text for an HTML label. Graphviz interprets its own escapes, such as \N for the
// name of the node, even in HTML, and even if the backslash is an entity. A space of zero width
// separates the backslash from the next character.
func dotText(s string) string { return strings.ReplaceAll(picture.Escape(s), `\`, "&#92;&#8203;") }

// dotString returns a name in quotes.
func dotString(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
