package lsp_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"errand/engine/diag"
	"errand/engine/program"
)

type actionAt struct {
	Title, Kind string
	IsPreferred bool
	Diagnostics []diagnostic
	Edit        struct {
		Changes map[string][]struct {
			Range   span
			NewText string
		}
	}
}

func TestActions(t *testing.T) {
	features(t, "actions", func(f *feature, at place) string {
		var b strings.Builder
		params := f.at(at, "range", span{at, at}, "context", map[string]any{})
		for _, a := range decode[[]actionAt](t, f.call("textDocument/codeAction", params)) {
			fmt.Fprintf(&b, "%s (%s)", a.Title, a.Kind)
			for _, d := range a.Diagnostics {
				b.WriteString(" for " + d.Code)
			}
			for _, e := range a.Edit.Changes[f.uri] {
				fmt.Fprintf(&b, "\n%d: %q replaces %q", e.Range.Start.Line+1, e.NewText, f.piece(e.Range))
			}
			b.WriteString("\n")
		}
		params["context"] = map[string]any{"only": []string{"refactor"}}
		if other := f.call("textDocument/codeAction", params); string(other) != "[]" {
			t.Errorf("for another kind the answer is %s", other)
		}
		return b.String() + "\n"
	})
}

// In every definition of the tests, the action for all fixes produces the text that `errand check
// --fix` writes. Every fix also has its own action.
func TestFixesAreThoseOfTheCheck(t *testing.T) {
	c := start(t)
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "problems", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	fixes := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ToValidUTF8(string(text), "") != string(text) {
			continue // cannot be sent
		}
		name, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		name = filepath.ToSlash(name)
		check := func(text []byte) []diag.Problem {
			_, problems := program.Loader{Registry: registry, Find: closed.Beside(name)}.Load(name, text)
			return problems
		}
		f := &feature{client: c, uri: "file://" + name, text: string(text)}
		f.open(f.uri, f.text)
		whole := span{place{}, place{strings.Count(f.text, "\n") + 1, 0}}
		actions := decode[[]actionAt](t, f.call("textDocument/codeAction", f.at(place{}, "range", whole, "context", map[string]any{})))
		for _, p := range check(text) {
			if p.Fix == nil {
				continue
			}
			want, ok := p.Fix.Apply(text)
			if !ok || len(actions) == 0 {
				t.Fatalf("%s: %v has no action", file, p)
			}
			fixes++
			if a := actions[0]; f.after(a) != string(want) || a.Kind != "quickfix" || a.Title != p.Fix.Title {
				t.Errorf("%s: the action %q (%s) produces\n%s\nwant\n%s", file, a.Title, a.Kind, f.after(a), want)
			}
			actions = actions[1:]
		}
		mended := diag.Mend(text, check)
		switch {
		case len(mended.Made) == 0 && len(actions) == 0:
		case len(actions) != 1 || actions[0].Kind != "source.fixAll.errand" || f.after(actions[0]) != string(mended.Text):
			t.Errorf("%s: the actions for all fixes are %+v", file, actions)
		}
	}
	if fixes < 20 {
		t.Errorf("only %d fixes were tested", fixes)
	}
}

// after returns the text after the edits of an action, made from the last to the first.
func (f *feature) after(a actionAt) string {
	text := f.text
	for _, e := range slices.Backward(a.Edit.Changes[f.uri]) {
		text = text[:f.offset(e.Range.Start)] + e.NewText + text[f.offset(e.Range.End):]
	}
	return text
}
