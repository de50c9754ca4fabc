package lsp_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

type item struct {
	Label, Detail, SortText string
	TextEdit                struct {
		Range   span
		NewText string
	}
}

// The answer for each mark is the list of proposals, in order, each with the text that it replaces.
// If a proposal does not insert its label, the inserted text follows.
func TestCompletion(t *testing.T) {
	features(t, "completion", func(f *feature, at place) string {
		list := decode[struct{ Items []item }](t, f.call("textDocument/completion", f.at(at)))
		if len(list.Items) == 0 {
			return "nothing\n"
		}
		slices.SortFunc(list.Items, func(a, b item) int { return strings.Compare(a.SortText, b.SortText) })
		var b strings.Builder
		functions := 0
		for _, item := range list.Items {
			if strings.HasSuffix(item.TextEdit.NewText, "(") {
				functions++
				continue
			}
			b.WriteString(item.Label)
			if written := item.TextEdit.NewText; strings.TrimRight(written, ": ") != item.Label {
				fmt.Fprintf(&b, " ⇒ %q", written)
			}
			if old := f.piece(item.TextEdit.Range); old != "" {
				fmt.Fprintf(&b, " for %q", old)
			}
			if item.Detail != "" {
				b.WriteString(" · " + item.Detail)
			}
			b.WriteString("\n")
		}
		if functions > 0 {
			fmt.Fprintf(&b, "and %d functions\n", functions)
		}
		return b.String()
	})
}
