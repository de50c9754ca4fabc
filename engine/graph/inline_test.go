package graph_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"errand/engine/goldenfile"
	"errand/engine/graph"
)

// allowed lists the elements of a picture in a page, with their attributes.
var allowed = map[string][]string{
	"svg":    {"xmlns", "class", "role", "width", "height", "viewBox"},
	"title":  nil,
	"desc":   nil,
	"g":      {"class"},
	"rect":   {"class", "x", "y", "width", "height", "rx"},
	"path":   {"class", "d"},
	"circle": {"class", "cx", "cy", "r"},
	"text":   {"class", "x", "y"},
	"a":      {"href", "aria-label"},
}

// checkInline checks that a picture has nothing that a strict policy of a page forbids. It returns the
// texts and the links.
func checkInline(t *testing.T, made []byte) (texts []string, links []xml.Attr) {
	t.Helper()
	for d := xml.NewDecoder(bytes.NewReader(made)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return texts, links
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, made)
		}
		switch e := token.(type) {
		case xml.StartElement:
			attributes, ok := allowed[e.Name.Local]
			if !ok {
				t.Errorf("there is an element %s", e.Name.Local)
			}
			for _, a := range e.Attr {
				if !slices.Contains(attributes, a.Name.Local) {
					t.Errorf("%s has %s=%q", e.Name.Local, a.Name.Local, a.Value)
				}
				if class, ok := strings.CutPrefix(a.Value, "badge "); ok && !strings.Contains(graph.StyleSheet(), ".badge."+class+" rect{") {
					t.Errorf("the style sheet has no rule for %q", a.Value)
				}
				if e.Name.Local == "a" {
					links = append(links, a)
				}
			}
		case xml.CharData:
			texts = append(texts, string(e))
		case xml.EndElement:
		default:
			t.Errorf("there is %v", token)
		}
	}
}

// Without states, the picture in a page is the one in a file, without its style.
func TestInlineWithoutStates(t *testing.T) {
	for _, file := range definitionsOf(t) {
		g := graph.New(load(t, file.name, file.text))
		made := g.Inline(nil)
		checkInline(t, made)
		whole := string(g.SVG())
		before, rest, _ := strings.Cut(whole, "<style>")
		_, after, _ := strings.Cut(rest, "</style>\n")
		if plain := before + after; string(made) != plain {
			t.Errorf("%s: %s", file.name, goldenfile.Difference(plain, string(made)))
		}
	}
}

// Texts of definitions and runs stay texts, and only relative addresses become links.
func TestHostileStates(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "hostile.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	g := graph.New(load(t, "hostile.yaml", text))
	const hostile = "</text></a><script>alert(1)</script>\u202Egpj.exe\x1b[31m\n\"'&"
	made := g.Inline(map[string]graph.State{
		"steps[0]": {Kind: graph.Failed, Word: "<b>\u202E\"no\"", Detail: hostile, Href: `/runs/1"><script>`},
		"steps[1]": {Kind: graph.Running, Href: "javascript:alert(1)"},
		"steps[2]": {Kind: "succeeded\"><script>", Detail: hostile},
		"steps[3]": {Href: "?step=a&round=2#x"},
		"steps[4]": {Kind: graph.Asks, Word: strings.Repeat("very long words ", 1000)},
		"nobody":   {Kind: graph.Failed, Href: "/x"},
		"":         {Kind: graph.Failed, Href: "/x"},
	})
	texts, links := checkInline(t, made)
	all := strings.Join(texts, "")
	if !strings.Contains(all, "<script>alert(1)</script>\uFFFDgpj.exe\uFFFD[31m \"'&") {
		t.Errorf("the detail is not in the texts %q", all)
	}
	for _, c := range "\u202E\x1b\r" {
		if strings.ContainsRune(all, c) {
			t.Errorf("the texts contain %q", c)
		}
	}
	want := []string{
		`/runs/1"><script>`, `<script>alert("1")</script> & <b>bold</b>, <b>` + "\uFFFD" + `"no": </text></a><script>alert(1)</script>` + "\uFFFDgpj.exe\uFFFD[31m \"'&",
		"?step=a&round=2#x", `first line second line \N \l %% comment --> x | y, not started`,
	}
	got := make([]string, len(links))
	for i, a := range links {
		got[i] = a.Value
	}
	if !slices.Equal(got, want) {
		t.Errorf("the links are\n%q\nnot\n%q", got, want)
	}
	goldenfile.Check(t, filepath.Join("testdata", "states", "hostile.svg"), made)
}

func TestLinks(t *testing.T) {
	g := graph.New(load(t, "case.yaml", []byte("workflow: case\nsteps: [{id: wait, task: timer.delay, with: {duration: 1m}}]\n")))
	cases := map[string]bool{
		"/runs/1": true, "runs/1": true, "?x=1": true, "#x": true, "../x": true, "/runs/1/questions/all%5B1%5D.may": true, "/a:b": true,
		"": false, "//example.org": false, `/\example.org`: false, `\\example.org`: false, "https://example.org": false, "HTTPS:x": false,
		"javascript:alert(1)": false, "java\tscript:alert(1)": false, " //example.org": false, "\t//example.org": false, "data:text/html,x": false, "///example.org": false, "a:b": false,
		"/\t/example.org": false, "/\u00a0": false,
	}
	for href, want := range cases {
		made := string(g.Inline(map[string]graph.State{"wait": {Kind: graph.Running, Href: href}}))
		if got := strings.Contains(made, "<a "); got != want {
			t.Errorf("%q is a link: %v", href, got)
		}
		role := map[bool]string{true: "group", false: "img"}[want]
		if !strings.Contains(made, ` role="`+role+`"`) {
			t.Errorf("with a step that leads to %q the picture is no %s", href, role)
		}
	}
}
