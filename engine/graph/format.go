package graph

// A Format is a way of writing a graph down.
type Format struct {
	Name   string
	About  string // a few words
	Render func(*Graph) []byte
}

// Formats are all of them, the usual one first.
var Formats = []Format{
	{"mermaid", "for Markdown", (*Graph).Mermaid},
	{"dot", "for Graphviz", (*Graph).DOT},
	{"svg", "a picture that stands alone", (*Graph).SVG},
}
