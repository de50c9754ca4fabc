package lsp_test

import "testing"

func TestHover(t *testing.T) {
	features(t, "hover", func(f *feature, at place) string {
		h := decode[*struct {
			Contents struct{ Value string }
			Range    span
		}](t, f.call("textDocument/hover", f.at(at)))
		if h == nil {
			return "nothing\n"
		}
		return "[" + f.piece(h.Range) + "] " + h.Contents.Value + "\n"
	})
}
