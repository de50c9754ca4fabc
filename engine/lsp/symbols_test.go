package lsp_test

import (
	"fmt"
	"strings"
	"testing"
)

type symbolAt struct {
	Name, Detail          string
	Kind                  int
	Range, SelectionRange span
	Children              []symbolAt
}

func TestSymbols(t *testing.T) {
	features(t, "symbols", func(f *feature, at place) string {
		list := decode[[]symbolAt](t, f.call("textDocument/documentSymbol", f.at(at)))
		var b strings.Builder
		f.tree(&b, list, "")
		return b.String()
	})
}

// tree writes symbols with their lines and the text that each selects.
func (f *feature) tree(b *strings.Builder, list []symbolAt, indent string) {
	for _, s := range list {
		fmt.Fprintf(b, "%s%s (%d", indent, s.Name, s.Kind)
		if s.Detail != "" {
			b.WriteString(", " + s.Detail)
		}
		fmt.Fprintf(b, ") lines %d to %d, [%s]\n", s.Range.Start.Line+1, s.Range.End.Line+1, f.piece(s.SelectionRange))
		for _, child := range append(s.Children, symbolAt{Range: s.SelectionRange}) {
			if f.offset(child.Range.Start) < f.offset(s.Range.Start) || f.offset(child.Range.End) > f.offset(s.Range.End) {
				f.t.Errorf("%s is outside its parent's range", child.Name)
			}
		}
		f.tree(b, s.Children, indent+"  ")
	}
}
