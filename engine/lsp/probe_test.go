package lsp_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

// probe opens a text and sends every request for one place in it. Each request must have an answer,
// whatever the text is.
func probe(t testing.TB, c *client, text string, at int) {
	t.Helper()
	f := &feature{client: c, uri: "file:///probe/a.yaml", text: text}
	f.open(f.uri, text)
	before := text[:at]
	line := before[strings.LastIndexByte(before, '\n')+1:]
	p := place{strings.Count(before, "\n"), len(utf16.Encode([]rune(line)))}
	here := span{p, p}
	for _, r := range []struct {
		method string
		params map[string]any
	}{
		{"textDocument/completion", f.at(p)},
		{"textDocument/hover", f.at(p)},
		{"textDocument/definition", f.at(p)},
		{"textDocument/references", f.at(p)},
		{"textDocument/prepareRename", f.at(p)},
		{"textDocument/rename", f.at(p, "newName", "other")},
		{"textDocument/documentSymbol", f.at(p)},
		{"textDocument/codeAction", f.at(p, "range", here)},
	} {
		m := f.reply(f.ask(r.method, r.params))
		if m.Error != nil && m.Error.Code != -32803 { // a rename may be refused
			t.Fatalf("%s at %+v: %s\nof %q\n%s", r.method, p, m.Error.Message, text, c.log)
		}
	}
	f.notify("textDocument/didClose", f.at(p))
	f.news = nil
}

type realDefinition struct{ file, text string }

// realDefinitions returns definitions as people write them.
func realDefinitions(t testing.TB) []realDefinition {
	t.Helper()
	var texts []realDefinition
	for _, pattern := range []string{"testdata/good/*.yaml", "testdata/problems/*.yaml", "definitions/*.yaml", "examples/*/*.yaml"} {
		files, err := filepath.Glob(filepath.Join("..", "..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if utf8.Valid(text) {
				texts = append(texts, realDefinition{filepath.Base(file), string(text)})
			}
		}
	}
	if len(texts) < 100 {
		t.Fatalf("only %d definitions", len(texts))
	}
	return texts
}

// Real definitions are cut off or lose a piece at random, as in the middle of an edit. Every
// request is sent there.
func TestEverythingIsAnsweredWhileWriting(t *testing.T) {
	c := start(t)
	random := rand.New(rand.NewPCG(1, 2))
	within := func(text string, n int) int {
		for n > 0 && n < len(text) && !utf8.RuneStart(text[n]) {
			n--
		}
		return n
	}
	for _, one := range realDefinitions(t) {
		text := one.text
		at := within(text, random.IntN(len(text)+1))
		probe(t, c, text, at)
		probe(t, c, text[:at], at)
		rest := within(text, min(len(text), at+random.IntN(40)))
		probe(t, c, text[:at]+text[rest:], at)
	}
}

func FuzzRequests(f *testing.F) {
	for _, one := range realDefinitions(f) {
		f.Add(one.text, len(one.text)/2)
	}
	f.Add("workflow: behind-the-quote\nsteps:\n  - if: \"production\"", 53)
	f.Fuzz(func(t *testing.T, text string, at int) {
		if len(text) > 4<<10 || !utf8.ValidString(text) {
			return
		}
		at = min(max(at, 0), len(text))
		for at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
			at--
		}
		probe(t, start(t), text, at)
	})
}
