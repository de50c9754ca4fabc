package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"errand/engine"
)

// allowed are the elements of both pictures, with their attributes.
var allowed = map[string][]string{
	"svg":    {"xmlns", "class", "role", "width", "height", "viewBox"},
	"title":  {},
	"desc":   {},
	"g":      {"class", "aria-hidden"},
	"a":      {"href"},
	"rect":   {"class", "x", "y", "width", "height", "rx"},
	"path":   {"class", "d"},
	"circle": {"class", "cx", "cy", "r"},
	"text":   {"class", "x", "y"},
}

// checkSVG checks that a picture is XML of the allowed parts only, begins with its title and its
// description, has no character that could reorder or break a text, and that the style sheet has
// each of its classes.
func checkSVG(t *testing.T, made []byte) {
	t.Helper()
	if bytes.ContainsFunc(made, func(c rune) bool { return c != '\n' && unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) }) {
		t.Error("there is a control")
	}
	css := StyleSheet()
	var order []string
	for d := xml.NewDecoder(bytes.NewReader(made)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, made)
		}
		if _, text := token.(xml.CharData); text {
			continue
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			if _, end := token.(xml.EndElement); !end {
				t.Errorf("there is a %T", token)
			}
			continue
		}
		order = append(order, e.Name.Local)
		names, ok := allowed[e.Name.Local]
		if !ok {
			t.Errorf("there is an element %s", e.Name.Local)
		}
		for _, a := range e.Attr {
			if !slices.Contains(names, a.Name.Local) {
				t.Errorf("%s has %s=%q", e.Name.Local, a.Name.Local, a.Value)
			}
			if a.Name.Local == "class" {
				for class := range strings.FieldsSeq(a.Value) {
					if !regexp.MustCompile(`\.` + class + `\b`).MatchString(css) {
						t.Errorf("the style sheet has no class %s", class)
					}
				}
			}
		}
	}
	if len(order) < 3 || !slices.Equal(order[:3], []string{"svg", "title", "desc"}) {
		t.Errorf("it does not begin with its title and description: %s", order)
	}
}

func TestPicturesHaveAllowedPartsOnly(t *testing.T) {
	from := berlin(t, "2026-10-12 00:00:00")
	h := NewHistory(autumn(), from, 30, zone(t, "Europe/Berlin"))
	if slices.Contains(h.Total.Counts[Succeeded:], 0) {
		t.Errorf("the runs of the test lack an outcome: %v", h.Total.Counts)
	}
	checkSVG(t, h.SVG())
	h.Href = func(workflow string, _ time.Time) string { return "/workflows/" + workflow }
	checkSVG(t, h.SVG())
	checkSVG(t, NewHistory(nil, from, 30, nil).SVG())
	checkSVG(t, NewHistory([]engine.View{run("w", engine.Failed, from)}, from, 1, nil).SVG())
	for _, s := range NewDurations(autumn()) {
		checkSVG(t, s.SVG())
	}
}

// The names of workflows and the keys of steps can be anything.
func TestHostileNames(t *testing.T) {
	from := at(t, "2026-10-25T12:00:00Z")
	cases := []struct{ name, text, label string }{
		{"nothing", "", ""},
		{"markup", `</text><script>alert(1)</script>`, "&lt;/text&gt;&lt;script&gt;alert…"},
		{"quotes", `" onload="x' &amp; y`, "&#34; onload=&#34;x&#39; &amp;amp; y"},
		{"the end of a comment", "--> ]]>", "--&gt; ]]&gt;"},
		{"controls", "a\x00b\x1b[31mc\x7fd\u0085e", "a�b�[31mc�d e"},
		{"bidi controls", "a\u202Eb\u2066c\u200Fd\u061Ce", "a�b�c�d�e"},
		{"line breaks", " a\r\nb\u2028c\td ", "a b c d"},
		{"bytes that are no text", "a\xff\xed\xa0\x80b", "a����b"},
		{"no characters", "a\uFFFE\U0001FFFFb\uFDD0", "a��b�"},
		{"wide", strings.Repeat("世界", 50), "世界世界世界世界世…"},
		{"long", strings.Repeat("x", 1<<20), strings.Repeat("x", 20) + "…"},
		{"many marks", "a" + strings.Repeat("\u0301", 5000), "a" + strings.Repeat("\u0301", 8)},
		{"many joiners", strings.Repeat("\u200D", 5000), "…"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v := run(c.text, engine.Succeeded, from)
			step(&v, c.text, engine.StepSucceeded, 0, time.Second)
			h := NewHistory([]engine.View{v}, from, 1, nil)
			h.Href = func(string, time.Time) string { return "/" }
			made := h.SVG()
			checkSVG(t, made)
			names := lines(made, `class="name"`)
			if len(names) != 1 || !strings.HasSuffix(names[0], "</title>"+c.label+"</text>") {
				t.Errorf("the row is %s, not %s", names, c.label)
			}
			spark := NewDurations([]engine.View{v})[0].SVG()
			checkSVG(t, spark)
			if limit := 3000; len(made) > limit || len(spark) > limit {
				t.Errorf("the pictures have %d and %d bytes", len(made), len(spark))
			}
		})
	}
}

func FuzzNames(f *testing.F) {
	f.Add(`<a>&"`, "/x?y=z", int64(0))
	f.Fuzz(func(t *testing.T, name, address string, seconds int64) {
		from := time.Unix(seconds%(1<<38), 0)
		v := run(name, engine.Failed, from)
		step(&v, name, engine.StepFailed, 0, time.Duration(seconds))
		h := NewHistory([]engine.View{v}, from, 3, nil)
		h.Href = func(string, time.Time) string { return address }
		checkSVG(t, h.SVG())
		checkSVG(t, NewDurations([]engine.View{v})[0].SVG())
	})
}
