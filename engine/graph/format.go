package graph

// A Format is a language for graphs.
type Format struct {
	Name   string
	About  string // a few words
	Render func(*Graph) []byte
}

// Formats are all formats, the default first.
var Formats = []Format{
	{"mermaid", "for Markdown", (*Graph).Mermaid},
	{"dot", "for Graphviz", (*Graph).DOT},
	{"svg", "a picture in one file", (*Graph).SVG},
}
