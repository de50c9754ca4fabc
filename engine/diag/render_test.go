package diag

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"errand/engine/goldenfile"
)

// at returns a range on one line; to is exclusive.
func at(line, from, to int) Range {
	return Range{File: "w.yaml", Start: Position{line, from}, End: Position{line, to}}
}

// shown are the cases; testdata/render/NAME.txt holds what each of them shows.
var shown = []struct {
	name   string
	source string
	color  bool
	given  []Problem
}{
	{
		name:   "one line",
		source: "workflow: x\nsteps:\n  - task: ec2.strat_instance\n",
		given:  []Problem{{Rule: "unknown-task", Message: `there is no task type "ec2.strat_instance"`, Range: at(3, 11, 29), Label: "not a task type of ec2", Help: `did you mean "ec2.start_instance"?`}},
	},
	{
		name:   "nothing but a message",
		source: "a: 1\n",
		given:  []Problem{{Rule: "r", Message: "this is wrong", Range: at(1, 4, 5)}},
	},
	{
		name:   "warning",
		source: "a: 1\n",
		given:  []Problem{{Rule: "r", Severity: Warning, Message: "this may be wrong", Range: at(1, 4, 5), Notes: []string{"one", "two"}}},
	},
	{
		name:   "several problems",
		source: "a: 1\nb: 2\n",
		given:  []Problem{{Rule: "r", Message: "first", Range: at(1, 1, 2)}, {Rule: "r", Message: "second", Range: at(2, 1, 2)}},
	},
	{
		name:   "range of several lines marks the rest of the first",
		source: "steps:\n  - with:\n      a: 1\n      b: 2\n",
		given:  []Problem{{Rule: "r", Message: "too much", Range: Range{"w.yaml", Position{2, 5}, Position{4, 11}}, Label: "up to line 4"}},
	},
	{
		name:   "no end marks one place",
		source: "abc: def\n",
		given:  []Problem{{Rule: "r", Message: "here", Range: Range{File: "w.yaml", Start: Position{1, 6}}}},
	},
	{
		name:   "secrets are hidden on every line that is shown",
		source: "key: 'größe-1' # a\nothers: {a: b, c: d}\n",
		given: []Problem{
			{Rule: "r", Message: "a secret", Range: at(1, 6, 15), Hidden: true, Label: "is a secret"},
			{Rule: "r", Message: "beside it", Range: at(1, 1, 4)},
			{Rule: "r", Message: "of two lines", Range: Range{"w.yaml", Position{2, 10}, Position{3, 2}}, Hidden: true},
			{Rule: "r", Message: "another file", Range: Range{"v.yaml", Position{1, 1}, Position{1, 4}}, Hidden: true},
		},
	},
	{
		name:   "place behind the end of the line",
		source: "a:\nb: 1\n",
		given:  []Problem{{Rule: "r", Message: "a value is missing", Range: at(1, 9, 12), Label: "here"}},
	},
	{
		name:   "empty line",
		source: "a:\n\nb: 1\n",
		given:  []Problem{{Rule: "r", Message: "an empty line", Range: at(2, 1, 1)}},
	},
	{
		name:   "tabs before and under the mark",
		source: "\ta:\t1\n",
		given:  []Problem{{Rule: "r", Message: "tabs", Range: at(1, 2, 6), Label: "four cells each"}},
	},
	{
		name:   "line ends of Windows",
		source: "a: 1\r\nb: 2\r\n",
		given:  []Problem{{Rule: "r", Message: "second", Range: Range{"w.yaml", Position{2, 4}, Position{3, 1}}, Label: "no \\r above"}},
	},
	{
		name:   "long line is cut on both sides",
		source: "text: " + strings.Repeat("abcdefghi ", 30) + "HERE" + strings.Repeat(" jklmnopqr", 30) + "\n",
		given:  []Problem{{Rule: "r", Message: "in the middle", Range: at(1, 307, 311), Label: "here"}},
	},
	{
		name:   "long line is cut at its end",
		source: "HERE" + strings.Repeat(" jklmnopqr", 30) + "\n",
		given:  []Problem{{Rule: "r", Message: "at the start", Range: at(1, 1, 5), Label: "here"}},
	},
	{
		name:   "long line is cut at its start",
		source: strings.Repeat("abcdefghi ", 30) + "HERE\n",
		given:  []Problem{{Rule: "r", Message: "at the end", Range: at(1, 301, 305), Label: "here"}},
	},
	{
		name:   "mark longer than the line shown",
		source: strings.Repeat("abcdefghi ", 30) + "\n",
		given:  []Problem{{Rule: "r", Message: "all of it", Range: at(1, 1, 300), Label: "everything"}},
	},
	{
		name:   "wide characters and emoji before the mark",
		source: "text: 日本語 👍🏽 é e\u0301 ${{ x }}\n",
		given:  []Problem{{Rule: "r", Message: "no x", Range: at(1, 22, 23), Label: "two cells for each of 日本語"}},
	},
	{
		name:   "wide characters under the mark",
		source: "text: 日本語\n",
		given:  []Problem{{Rule: "r", Message: "not a name", Range: at(1, 7, 10), Label: "six cells"}},
	},
	{
		name:   "what a terminal would obey",
		source: "a: \x1b[31mred\x1b[0m \u202egnorw\u202c \x00 \u2028 \xff end\n",
		given: []Problem{{
			Rule: "bad-character", Message: "an escape \x1b[2J in the message", Range: at(1, 31, 34), Label: "and\ra label",
			Help: "one\tline\nand \u2066another", Notes: []string{"a bell \a"},
		}},
	},
	{
		name:   "help and notes of several lines",
		source: "a: 1\n",
		given: []Problem{{
			Rule: "r", Message: "m", Range: at(1, 1, 2), Help: "write\n  with:\n    a: 1\n", Notes: []string{"one\ntwo"},
		}},
	},
	{
		name:   "line with three digits",
		source: strings.Repeat("\n", 99) + "a: 1\n",
		given:  []Problem{{Rule: "r", Message: "far down", Range: at(100, 1, 2), Help: "count"}},
	},
	{
		name:   "file as a whole",
		source: "a: 1\n",
		given:  []Problem{{Rule: "too-large", Message: "the file has 300000 bytes", Range: Range{File: "w.yaml"}, Label: "a label has no line", Help: "divide the workflow"}},
	},
	{
		name:  "source not at hand",
		given: []Problem{{Rule: "r", Message: "somewhere", Range: at(7, 3, 5), Label: "not a number", Help: "h", Notes: []string{"n"}}},
	},
	{
		name:   "line behind the end of the file",
		source: "a: 1\n",
		given:  []Problem{{Rule: "r", Message: "somewhere", Range: at(9, 1, 2)}},
	},
	{
		name:   "color",
		source: "a: 1\n",
		color:  true,
		given: []Problem{
			{Rule: "r", Message: "an error", Range: at(1, 1, 2), Label: "here", Help: "h", Notes: []string{"n"}},
			{Rule: "w", Severity: Warning, Message: "a warning", Range: at(1, 4, 5)},
			{Rule: "f", Message: "the file", Range: Range{File: "w.yaml"}},
		},
	},
}

func TestRender(t *testing.T) {
	for _, c := range shown {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			sources := func(string) []byte { return []byte(c.source) }
			if err := Render(&b, c.given, sources, Style{Color: c.color}); err != nil {
				t.Fatal(err)
			}
			for i, line := range strings.Split(b.String(), "\n") {
				if strings.TrimRight(line, " \t\r") != line {
					t.Errorf("line %d ends with blanks: %q", i+1, line)
				}
			}
			// People can read the file without the escapes.
			text := strings.ReplaceAll(b.String(), "\x1b", "␛")
			goldenfile.Check(t, goldenOf(c.name), []byte(text))
		})
	}
}

// TestRenderedFilesAreCurrent finds golden files that belong to no case.
func TestRenderedFilesAreCurrent(t *testing.T) {
	known := map[string]bool{}
	for _, c := range shown {
		known[filepath.Base(goldenOf(c.name))] = true
	}
	files, err := os.ReadDir("testdata/render")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !known[f.Name()] {
			t.Errorf("testdata/render/%s belongs to no case", f.Name())
		}
	}
}

func goldenOf(name string) string {
	return filepath.Join("testdata", "render", strings.ReplaceAll(name, " ", "-")+".txt")
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestWritersFail(t *testing.T) {
	given := []Problem{{Rule: "r", Message: "m", Range: at(1, 1, 2)}}
	if err := Render(failing{}, given, func(string) []byte { return nil }, Style{}); err != io.ErrClosedPipe {
		t.Errorf("Render: %v", err)
	}
	if err := WriteJSON(failing{}, given); err != io.ErrClosedPipe {
		t.Errorf("WriteJSON: %v", err)
	}
}

func TestPrintable(t *testing.T) {
	cases := []struct{ name, given, want string }{
		{"text", "größe 日本 👍", "größe 日本 👍"},
		{"joined emoji", "👩\u200d🚒", "👩\u200d🚒"},
		{"tab", "a\tb", "a b"},
		{"line breaks", "a\r\nb\u2028c\u2029d\u0085e", "a b\ufffdc\ufffdd\ufffde"},
		{"a return", "a\rb", "a\ufffdb"},
		{"escape", "\x1b[2J", "\ufffd[2J"},
		{"C1 control", "\u009b2J", "\ufffd2J"},
		{"delete", "a\x7f", "a\ufffd"},
		{"directions", "\u202a\u202e\u2066\u2069\u200e\u061c", strings.Repeat("\ufffd", 6)},
		{"not UTF-8", "a\xffb", "a\ufffdb"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := Printable(c.given); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestWidth(t *testing.T) {
	cases := []struct {
		name, text string
		want       int
	}{
		{"nothing", "", 0},
		{"letters", "abc", 3},
		{"umlaut", "ö", 1},
		{"combined", "e\u0301", 1},
		{"wide", "日本", 4},
		{"emoji", "👍", 2},
		{"emoji with a skin", "👍🏽", 2},
		{"joined emoji", "👩\u200d🚒", 2},
		{"box", "│─", 2},
		{"ellipsis", "…", 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := Width(c.text); got != c.want {
				t.Errorf("%q takes %d cells, want %d", c.text, got, c.want)
			}
		})
	}
}

func ExampleRender() {
	source := []byte("workflow: x\nsteps:\n  - task: timer.dely\n")
	problem := Problem{
		Rule: "unknown-task", Message: `there is no task type "timer.dely"`,
		Range: Range{File: "x.yaml", Start: Position{3, 11}, End: Position{3, 21}},
		Help:  DidYouMean("timer.dely", []string{"timer.delay", "worklog.format"}),
	}
	_ = Render(os.Stdout, []Problem{problem}, func(string) []byte { return source }, Style{})
	fmt.Println(Summary([]Problem{problem}))
	// Output:
	// error[unknown-task]: there is no task type "timer.dely"
	//  --> x.yaml:3:11
	//   |
	// 3 |   - task: timer.dely
	//   |           ^^^^^^^^^^
	//   |
	//   = help: did you mean "timer.delay"?
	// 1 error
}
