package lsp_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

type locationAt struct {
	URI   string
	Range span
}

// shown returns a location with the line that it is on.
func (f *feature) shown(l locationAt) string {
	text := f.text
	name := "FOLDER/" + l.URI[strings.LastIndexByte(l.URI, '/')+1:]
	if strings.Contains(l.URI, filepath.ToSlash(f.views)) {
		name = "VIEW" + strings.TrimPrefix(name, "FOLDER")
	}
	if l.URI != f.uri {
		data, err := os.ReadFile(filepath.FromSlash(strings.TrimPrefix(l.URI, "file://")))
		if err != nil {
			f.t.Fatal(err)
		}
		text = string(data)
	} else {
		name = "here"
	}
	line := strings.Split(text, "\n")[l.Range.Start.Line]
	return fmt.Sprintf("%s:%d:%d-%d %s\n", name, l.Range.Start.Line+1, l.Range.Start.Character+1, l.Range.End.Character+1, strings.TrimSpace(line))
}

func TestDefinition(t *testing.T) {
	features(t, "definition", func(f *feature, at place) string {
		l := decode[*locationAt](t, f.call("textDocument/definition", f.at(at)))
		if l == nil {
			return "nothing\n"
		}
		return f.shown(*l)
	})
}

func TestReferences(t *testing.T) {
	features(t, "references", func(f *feature, at place) string {
		context := map[string]any{"includeDeclaration": true}
		all := decode[[]locationAt](t, f.call("textDocument/references", f.at(at, "context", context)))
		context["includeDeclaration"] = false
		uses := decode[[]locationAt](t, f.call("textDocument/references", f.at(at, "context", context)))
		if len(all) == 0 {
			return "nothing\n"
		}
		if !slices.Equal(all[1:], uses) {
			t.Errorf("with the declaration the references are %v, without it %v", all, uses)
		}
		var b strings.Builder
		for _, l := range all {
			b.WriteString(f.shown(l))
		}
		return b.String()
	})
}

// The new name follows each mark in brackets, which are not part of the text: ‸⟨name⟩.
func TestRename(t *testing.T) {
	features(t, "rename", func(f *feature, at place) string {
		name := f.names[0]
		f.names = f.names[1:]
		ready := decode[*struct {
			Range       span
			Placeholder string
		}](t, f.call("textDocument/prepareRename", f.at(at)))
		m := f.reply(f.ask("textDocument/rename", f.at(at, "newName", name)))
		switch {
		case m.Error != nil:
			return name + ": " + m.Error.Message + "\n"
		case ready == nil || f.piece(ready.Range) != ready.Placeholder:
			t.Fatalf("the rename was prepared for %+v", ready)
		}
		edit := decode[struct {
			Changes map[string][]struct {
				Range   span
				NewText string
			}
		}](t, m.Result)
		var b strings.Builder
		b.WriteString(name + ":\n")
		uris := slices.Sorted(maps.Keys(edit.Changes))
		slices.SortStableFunc(uris, func(a, _ string) int { // this file first
			if a == f.uri {
				return -1
			}
			return 0
		})
		for _, uri := range uris {
			for _, e := range edit.Changes[uri] {
				if e.NewText != name {
					t.Errorf("writes %q", e.NewText)
				}
				if uri != f.uri {
					b.WriteString(f.shown(locationAt{uri, e.Range}))
					continue
				}
				if old := f.piece(e.Range); old != ready.Placeholder {
					t.Errorf("replaces %q, which is not %q", old, ready.Placeholder)
				}
				line := strings.Split(f.text, "\n")[e.Range.Start.Line]
				from, to := f.offset(place{e.Range.Start.Line, 0}), f.offset(e.Range.Start)
				fmt.Fprintf(&b, "%d: %s⟨%s⟩%s\n", e.Range.Start.Line+1, strings.TrimLeft(line[:to-from], " "), name, line[f.offset(e.Range.End)-from:])
			}
		}
		return b.String()
	})
}
