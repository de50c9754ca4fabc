package lsp

import (
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"errand/engine/diag"
	_ "errand/engine/goldenfile"
)

// A plain16 is a text as a simple editor stores it: lines of UTF-16 units, each with its end.
type plain16 [][]uint16

func splitPlain(text string) plain16 {
	var lines plain16
	var line []uint16
	units := utf16.Encode([]rune(text))
	for i, u := range units {
		line = append(line, u)
		if u == '\n' || u == '\r' && (i+1 == len(units) || units[i+1] != '\n') {
			lines, line = append(lines, line), nil
		}
	}
	return append(lines, line)
}

func (p plain16) ends(line int) int {
	n := len(p[line])
	for n > 0 && (p[line][n-1] == '\n' || p[line][n-1] == '\r') {
		n--
	}
	return n
}

func (p plain16) text(from, to position) string {
	var units []uint16
	for n, line := range p {
		start, end := 0, len(line)
		if n < from.Line || n > to.Line {
			continue
		}
		if n == from.Line {
			start = from.Character
		}
		if n == to.Line {
			end = to.Character
		}
		units = append(units, line[start:end]...)
	}
	return string(utf16.Decode(units))
}

// After any sequence of edits, the server has the same text as the editor.
func TestEdits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.StringOfN(rapid.SampledFrom([]rune("ab: -\n\rü🚚#{}\"")), 0, 20, -1)
		text := letters.Draw(t, "text")
		d := newDocument("file:///a.yaml", 1, text, false)
		for range rapid.IntRange(1, 8).Draw(t, "edits") {
			p := splitPlain(text)
			at := func(label string) position {
				line := rapid.IntRange(0, len(p)-1).Draw(t, label+" line")
				units := p[line][:p.ends(line)]
				n := rapid.IntRange(0, len(units)).Draw(t, label+" character")
				// inside a character
				if n > 0 && n < len(units) && units[n] >= 0xDC00 && units[n] <= 0xDFFF {
					n--
				}
				return position{line, n}
			}
			from, to := at("from"), at("to")
			if before(to, from) {
				from, to = to, from
			}
			with := letters.Draw(t, "with")
			last := len(p) - 1
			text = p.text(position{}, from) + with + p.text(to, position{last, len(p[last])})
			d = d.afterChanges(d.version+1, []change{{Range: &span{from, to}, Text: with}})
			if d.text != text {
				t.Fatalf("the text is %q, but the editor has %q", d.text, text)
			}
		}
	})
}

// Each offset at the start of a character becomes a place and back, in every way of counting.
func TestPlaces(t *testing.T) {
	for _, text := range []string{"", "a", "ü🚚\r\nb\rc\n\n", byteOrderMark + "workflow: ä\n"} {
		for _, inBytes := range []bool{false, true} {
			d := newDocument("file:///a.yaml", 1, text, inBytes)
			for i := range text + "." {
				if i > 0 && strings.HasPrefix(text[i-1:], "\r\n") { // inside the end of a line
					continue
				}
				if got := d.offset(d.position(i)); got != i {
					t.Errorf("%q: %d becomes %+v, which becomes %d", text, i, d.position(i), got)
				}
				if got := d.at(d.place(i)); got != i && i >= len(byteOrder(text)) {
					t.Errorf("%q: %d becomes %+v for diag, which becomes %d", text, i, d.place(i), got)
				}
				if want := diag.Place([]byte(text), i); d.place(i) != want {
					t.Errorf("%q: %d is %+v for diag, want %+v", text, i, d.place(i), want)
				}
			}
		}
	}
	d := newDocument("file:///a.yaml", 1, "🚚a\nb", false)
	for at, want := range map[position]int{{0, 1}: 0, {0, 2}: 4, {0, 99}: 5, {1, 9}: 7, {9, 0}: 7, {-1, 3}: 0, {0, -3}: 0} {
		if got := d.offset(at); got != want {
			t.Errorf("%+v is at %d, want %d", at, got, want)
		}
	}
}

func TestURIs(t *testing.T) {
	for uri, file := range map[string]string{
		"file:///w/a.yaml":               "/w/a.yaml",
		"file:///w/b%C3%BCro%20x/a.yaml": "/w/büro x/a.yaml",
		"file:///c%3A/w/a.yaml":          "c:/w/a.yaml",
		"untitled:Untitled-1":            "Untitled-1",
	} {
		if got := fileOf(uri); got != file {
			t.Errorf("%s is %s, want %s", uri, got, file)
		}
	}
	if uri := uriOf("/w/büro x/a.yaml"); uri != "file:///w/b%C3%BCro%20x/a.yaml" {
		t.Errorf("the URI is %s", uri)
	}
	if uri := uriOf("definitions/start-instance.yaml"); uri != "" {
		t.Errorf("a shipped definition has the URI %s", uri)
	}
}
