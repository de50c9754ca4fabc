package lsp_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/tools/txtar"

	"errand/engine/goldenfile"
)

// queueCheck is the cursor in the text of a test.
const mark = "‸"

// A feature is the answers to a request at marks in documents. The first file is open in the
// editor, the others are in the same folder, and the last, answers, is the expected result.
type feature struct {
	*client
	uri    string
	text   string // withoutChild marks
	folder string
	names  []string // the texts in ⟨⟩ after the marks, for renames
}

// named matches the text that may follow a mark.
var named = regexp.MustCompile(`^⟨[^⟩]*⟩`)

// features tests the documents of a folder. answer returns the text for each mark. A document
// withoutChild marks has one at its start.
func features(t *testing.T, folder string, answer func(f *feature, at place) string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			f := &feature{client: start(t), folder: filepath.ToSlash(t.TempDir())}
			pieces := strings.Split(string(a.Files[0].Data), mark)
			for i, piece := range pieces[1:] {
				name := named.FindString(piece)
				pieces[i+1] = strings.TrimPrefix(piece, name)
				f.names = append(f.names, strings.Trim(name, "⟨⟩"))
			}
			f.text = strings.Join(pieces, "")
			for _, other := range a.Files[1:] {
				if other.Name == "answers" {
					continue
				}
				if err := os.WriteFile(filepath.Join(f.folder, other.Name), other.Data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			f.uri = f.uriOf(a.Files[0].Name)
			f.open(f.uri, f.text)
			var answers strings.Builder
			before := ""
			for i, piece := range pieces[:max(1, len(pieces)-1)] {
				before += piece
				if len(pieces) == 1 {
					before = ""
				}
				line := before[strings.LastIndexByte(before, '\n')+1:]
				at := place{strings.Count(before, "\n"), len(utf16.Encode([]rune(line)))}
				title := ""
				if len(pieces) > 1 {
					rest, _, _ := strings.Cut(strings.Join(pieces[i+1:], ""), "\n")
					title = fmt.Sprintf("# %d: %s%s%s\n", at.Line+1, strings.TrimLeft(line, " "), mark, rest)
				}
				answers.WriteString(title + strings.ReplaceAll(answer(f, at), f.folder, "FOLDER") + "\n")
			}
			if last := len(a.Files) - 1; a.Files[last].Name == "answers" {
				a.Files = a.Files[:last]
			}
			a.Files = append(a.Files, txtar.File{Name: "answers", Data: []byte(answers.String())})
			goldenfile.Check(t, file, txtar.Format(a))
		})
	}
}

func (f *feature) uriOf(name string) string {
	return "file:///" + strings.TrimPrefix(f.folder, "/") + "/" + name
}

func (f *feature) at(p place, more ...any) map[string]any {
	params := map[string]any{"textDocument": map[string]any{"uri": f.uri}, "position": p}
	for i := 0; i < len(more); i += 2 {
		params[more[i].(string)] = more[i+1]
	}
	return params
}

// piece returns the text of a span on one line.
func (f *feature) piece(s span) string {
	return f.text[f.offset(s.Start):f.offset(s.End)]
}

func (f *feature) offset(p place) int {
	lines := strings.SplitAfter(f.text, "\n")
	offset := 0
	for _, line := range lines[:p.Line] {
		offset += len(line)
	}
	if p.Line < len(lines) {
		offset += len(string(utf16.Decode(utf16.Encode([]rune(lines[p.Line]))[:p.Character])))
	}
	return offset
}
