package definition

import (
	"fmt"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"errand/engine/diag"
)

// written is a text with one way to write it in YAML. For each character of the value it has the
// source offset at which the character was written, or -1 if folding created the character.
type written struct {
	source string
	value  string
	places []int // for each rune of value
}

func (w *written) put(source string) { w.source += source }

func (w *written) char(source string, c rune) {
	w.places = append(w.places, len(w.source))
	w.source += source
	w.value += string(c)
}

var letters = []rune("ab§é漢😀-:.{}$x")

// drawLine draws a text without blanks at its ends, so that all styles treat it in the same way.
func drawLine(t *rapid.T, label string) []rune {
	word := rapid.SliceOfN(rapid.SampledFrom(letters), 0, 6)
	var line []rune
	for i := range rapid.IntRange(1, 3).Draw(t, label+" words") {
		if i > 0 {
			line = append(line, []rune("  ")[:rapid.IntRange(1, 2).Draw(t, label+" blanks")]...)
		}
		line = append(append(append(line, 'v'), word.Draw(t, label)...), 'w')
	}
	return line
}

func drawFlow(t *rapid.T, indent string, newline string) *written {
	w := &written{}
	style := rapid.SampledFrom([]string{"plain", "single", "double"}).Draw(t, "style")
	open := map[string]string{"plain": "", "single": "'", "double": `"`}[style]
	w.put(open)
	for i := range rapid.IntRange(1, 3).Draw(t, "lines") {
		if i > 0 {
			empty := rapid.IntRange(0, 2).Draw(t, "empty lines")
			w.put(strings.Repeat(" ", rapid.IntRange(0, 2).Draw(t, "trailing")))
			if empty == 0 {
				w.places, w.value = append(w.places, -1), w.value+" "
			}
			w.put(newline)
			for range empty {
				w.places, w.value = append(w.places, -1), w.value+"\n"
				w.put(strings.Repeat(" ", rapid.IntRange(0, 3).Draw(t, "blank")) + newline)
			}
			w.put(indent + " ")
		}
		for _, c := range drawLine(t, "text") {
			switch {
			case style == "double" && rapid.IntRange(0, 5).Draw(t, "escape") == 0:
				w.char(rapid.SampledFrom([]string{fmt.Sprintf(`\U%08x`, c), `\U` + fmt.Sprintf("%08X", c)}).Draw(t, "form"), c)
			default:
				w.char(string(c), c)
			}
		}
		if style == "single" && rapid.Bool().Draw(t, "quote") {
			w.char("''", '\'')
		}
		if style == "double" && rapid.Bool().Draw(t, "escaped") {
			w.char(`\"`, '"')
			w.char(`\\`, '\\')
			w.char(`\\`, '\\')
			w.char(`\n`, '\n')
			w.char(`\_`, '\u00a0')
			w.char(`\x41`, 'A')
			w.put("\\" + newline + indent + "   ")
			w.char("q", 'q')
		}
	}
	w.put(open)
	return w
}

func drawBlock(t *rapid.T, indent string, newline string) *written {
	w := &written{}
	folded := rapid.Bool().Draw(t, "folded")
	w.put(map[bool]string{true: ">", false: "|"}[folded])
	explicit := rapid.Bool().Draw(t, "explicit")
	extra := rapid.IntRange(1, 4).Draw(t, "indentation")
	if explicit {
		w.put(fmt.Sprint(extra))
	}
	chomp := rapid.SampledFrom([]string{"", "-", "+"}).Draw(t, "chomp")
	w.put(chomp + rapid.SampledFrom([]string{"", "  # a comment, not content"}).Draw(t, "comment") + newline)
	inner := indent + strings.Repeat(" ", extra)
	for i := range rapid.IntRange(1, 4).Draw(t, "lines") {
		blank := 0
		if (i > 0 || explicit) && rapid.IntRange(0, 2).Draw(t, "deeper") == 0 {
			blank = rapid.IntRange(1, 3).Draw(t, "deeper by")
		}
		w.put(inner + strings.Repeat(" ", blank))
		for _, c := range drawLine(t, "text") {
			w.char(string(c), c)
		}
		w.put(newline)
		for range rapid.IntRange(0, 2).Draw(t, "empty lines") {
			w.put(strings.Repeat(" ", rapid.IntRange(0, len(inner)).Draw(t, "blank")) + newline)
		}
	}
	// take the value from the parser: the test checks only the positions of the characters
	w.value = ""
	return w
}

// Each character of a text maps to the position at which it was written, in every style, at every
// place in a document, and after characters of any width.
func TestSpanFindsEveryCharacter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		newline := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "newline")
		frame := rapid.SampledFrom([]struct{ before, indent, after string }{
			{"key: ", "", "\nnext: 1\n"},
			{"é漢: &anchor ", "", "\n"},
			{"😀😀: &a   ", "", "\n"},
			{"outer:\n  - 1\n  - é漢: ", "    ", "\n    n: 2\n"},
			{"list:\n- ", "", "\n- next\n"},
			{"list:\n  - - ", "    ", "\n"},
			{"key:\n  ", "", "\n"},
			{"? ", "  ", "\n: value\n"},
			{"# é comment\n\nkey:   # more é\n  &b\n  ", "", "\n"},
		}).Draw(t, "frame")
		block := rapid.Bool().Draw(t, "block")
		draw := drawFlow
		if block {
			draw = drawBlock
		}
		w := draw(t, frame.indent, newline)
		before := strings.ReplaceAll(frame.before, "\n", newline)
		text := before + w.source + strings.ReplaceAll(frame.after, "\n", newline)
		if block && strings.HasPrefix(frame.after, "\n") {
			text = before + w.source + strings.ReplaceAll(frame.after[1:], "\n", newline)
		}
		var tree yaml.Node
		if err := yaml.Unmarshal([]byte(text), &tree); err != nil {
			t.Fatalf("not a document: %v\n%s", err, text)
		}
		r := newReader("", []byte(text))
		start := len(before)
		for text[start] == ' ' {
			start++
		}
		got := findScalar(r, &tree, start)
		if got == nil {
			t.Fatalf("no scalar starts at %d in %q", start, text)
		}
		if way := got.place.mapBytes(got.Value); len(way.places) != len(got.Value) {
			t.Fatalf("the scanner does not find %q in %q", got.Value, text)
		}
		if !block && got.Value != w.value {
			t.Fatalf("the parser reads %q, want %q", got.Value, w.value)
		}
		index := 0
		for i, c := range got.Value {
			if block && (c == ' ' || c == '\n') || !block && w.places[index] < 0 {
				if !block {
					index++
				}
				continue
			}
			for block && text[start+w.places[index]] == ' ' {
				index++
			}
			want := r.position(start + w.places[index])
			at := got.Span(i, i+len(string(c)))
			if at.Start != want {
				t.Fatalf("%q: character %d (%q) at %v, want %v", text, i, c, at.Start, want)
			}
			if back := r.offset(at.Start); back != start+w.places[index] {
				t.Fatalf("%v is offset %d, want %d", at.Start, back, start+w.places[index])
			}
			index++
		}
	})
}

// findScalar returns the scalar that starts at an offset.
func findScalar(r *reader, n *yaml.Node, start int) *Text {
	if n.Kind == yaml.ScalarNode {
		if r.start(n) != start {
			return nil
		}
		t, _ := r.textOf(n)
		return &t
	}
	for _, child := range n.Content {
		if t := findScalar(r, child, start); t != nil {
			return t
		}
	}
	return nil
}

func TestPositions(t *testing.T) {
	long := strings.Repeat("é漢x", 400)
	r := newReader("", []byte("a\r\nü "+long+"\nb"))
	for i := range r.text {
		if got := r.offset(r.position(i)); got != i {
			t.Fatalf("offset %d is %v, which is offset %d", i, r.position(i), got)
		}
	}
	if got, want := r.position(len(r.text)), (diag.Position{Line: 3, Column: 2}); got != want {
		t.Errorf("the end is at %v, want %v", got, want)
	}
}
