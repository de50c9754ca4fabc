package lsp_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"errand/engine/definition"
	"errand/engine/diag"
	_ "errand/engine/goldenfile"
	"errand/engine/program"
)

// A checked is a problem as `errand check -o json` writes it.
type checked struct {
	Rule, Severity, Message, Label, Help string
	Notes                                []string
	Line, Column                         int
	EndLine                              int `json:"end_line"`
	EndColumn                            int `json:"end_column"`
}

// An editor opens every definition of the tests. The diagnostics must equal the problems of `errand
// check`: all texts and all places, in units of UTF-16 and in bytes.
func TestDiagnosticsAreTheProblemsOfTheCheck(t *testing.T) {
	for _, encoding := range []string{"utf-16", "utf-8"} {
		t.Run(encoding, func(t *testing.T) {
			c := start(t, encoding)
			for _, folder := range []string{"problems", "good"} {
				files, err := filepath.Glob(filepath.Join("..", "..", "testdata", folder, "*.yaml"))
				if err != nil || len(files) < 30 {
					t.Fatalf("%d files, %v", len(files), err)
				}
				for _, file := range files {
					compare(t, c, file, encoding)
				}
			}
		})
	}
}

func compare(t *testing.T, c *client, file, encoding string) {
	t.Helper()
	file, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.ToSlash(file)
	uri := "file://" + name
	// Text that is not UTF-8 cannot be sent in JSON. The editor shows another text, so the check
	// reads that one.
	text = bytes.ToValidUTF8(text, []byte("\ufffd"))
	c.open(uri, string(text))
	got := c.published(uri)
	if got.Version == nil || *got.Version != 1 {
		t.Errorf("%s: the version is %v", file, got.Version)
	}
	var want []checked
	if definition.Detect(text) {
		want = check(t, name, text)
	} else if filepath.Base(file) != "list-at-the-top.yaml" {
		t.Errorf("%s does not look like a definition", file)
	}
	if len(want) != len(got.Diagnostics) {
		t.Errorf("%s: %d diagnostics, but the check finds %d problems", file, len(got.Diagnostics), len(want))
		return
	}
	for i, w := range want {
		g := got.Diagnostics[i]
		var words strings.Builder
		words.WriteString(w.Message)
		if w.Label != "" {
			words.WriteString(" (" + w.Label + ")")
		}
		if w.Help != "" {
			words.WriteString("\nhelp: " + w.Help)
		}
		for _, n := range w.Notes {
			words.WriteString("\nnote: " + n)
		}
		place := span{placeAt(text, w.Line, w.Column, encoding), placeAt(text, w.EndLine, w.EndColumn, encoding)}
		if w.EndLine == 0 {
			place.End = place.Start
		}
		severity := map[string]int{"error": 1, "warning": 2}[w.Severity]
		if g.Message != words.String() || g.Code != w.Rule || g.Severity != severity || g.Source != "errand" || g.Range != place {
			t.Errorf("%s: the diagnostic is\n%+v\nbut the problem is\n%+v", file, g, w)
		}
	}
}

func check(t *testing.T, file string, text []byte) []checked {
	t.Helper()
	loader := program.Loader{Registry: registry, Find: closed.Beside(file)}
	_, problems := loader.Load(file, text)
	var b bytes.Buffer
	if err := diag.WriteJSON(&b, problems); err != nil {
		t.Fatal(err)
	}
	var document struct{ Problems []checked }
	if err := json.Unmarshal(b.Bytes(), &document); err != nil {
		t.Fatal(err)
	}
	return document.Problems
}

// placeAt converts a line and a character, both counted from 1, to a place of the protocol.
func placeAt(text []byte, line, column int, encoding string) place {
	if line == 0 {
		return place{}
	}
	lines := strings.SplitAfter(string(text), "\n")
	runes := []rune(lines[line-1])
	if line == 1 && len(runes) > 0 && runes[0] == '\ufeff' {
		column++
	}
	for len(runes) > 0 && strings.ContainsRune("\r\n", runes[len(runes)-1]) {
		runes = runes[:len(runes)-1]
	}
	head := runes[:min(column-1, len(runes))]
	at := place{Line: line - 1, Character: len(utf16.Encode(head))}
	if encoding == "utf-8" {
		at.Character = 0
		for _, r := range head {
			at.Character += utf8.RuneLen(r)
		}
	}
	return at
}
