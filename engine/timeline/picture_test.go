package timeline_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"testing"
)

// allowed are the elements and attributes that a picture may have.
var allowed = map[string][]string{
	"svg":    {"xmlns", "class", "role", "width", "height", "viewBox", "font-family", "font-size"},
	"title":  {},
	"desc":   {},
	"g":      {"class"},
	"rect":   {"class", "x", "y", "width", "height", "rx", "fill", "stroke"},
	"path":   {"class", "d", "fill", "stroke"},
	"circle": {"class", "cx", "cy", "r"},
	"text":   {"class", "x", "y"},
}

// A box is a rectangle of the picture.
type box struct {
	class, text              string
	left, top, right, bottom float64
}

func (b box) meets(c box) bool {
	return b.left < c.right && c.left < b.right && b.top < c.bottom && c.top < b.bottom
}

// checkPicture expects that a picture is well formed, has only what is allowed, and that its texts
// and bars are inside it and do not cover each other.
func checkPicture(t testing.TB, svg []byte) {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	var texts, bars []box
	var width, height float64
	var open *box
	for first := true; ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v\n%.2000s", err, svg)
		}
		switch e := token.(type) {
		case xml.StartElement:
			attributes, known := allowed[e.Name.Local]
			if !known {
				t.Fatalf("the element %s is not allowed", e.Name.Local)
			}
			of := map[string]string{}
			for _, a := range e.Attr {
				if !slices.Contains(attributes, a.Name.Local) {
					t.Fatalf("the attribute %s of %s is not allowed", a.Name.Local, e.Name.Local)
				}
				of[a.Name.Local] = a.Value
			}
			n := func(name string) float64 {
				f, err := strconv.ParseFloat(of[name], 64)
				if err != nil || f < -1e6 || f > 1e6 {
					t.Fatalf("%s of %v: %v", name, e, err)
				}
				return f
			}
			switch e.Name.Local {
			case "svg":
				if !first || of["class"] != "errand-timeline" || of["role"] != "img" {
					t.Fatalf("the root is %v", e)
				}
				width, height = n("width"), n("height")
			case "rect":
				b := box{of["class"], "", n("x"), n("y"), n("x") + n("width"), n("y") + n("height")}
				if b.class != "page" {
					bars = append(bars, b)
				}
			case "text":
				texts = append(texts, box{of["class"], "", n("x"), n("y") - 9, n("x"), n("y") + 2})
				open = &texts[len(texts)-1]
			}
			first = false
		case xml.CharData:
			if open != nil {
				open.text += string(e)
			}
		case xml.EndElement:
			if e.Name.Local == "text" {
				open.right = open.left + 4*float64(len([]rune(open.text))) // narrower than in any font
				open = nil
			}
		}
	}
	for _, b := range slices.Concat(texts, bars) {
		if b.left < 0 || b.top < 0 || b.right > width || b.bottom > height {
			t.Errorf("%+v is not inside %v × %v", b, width, height)
		}
	}
	slices.SortFunc(texts, func(a, b box) int { return int(a.top - b.top) })
	for i, a := range texts {
		for _, b := range texts[i+1:] {
			if b.top > a.bottom {
				break
			}
			if a.meets(b) {
				t.Errorf("the text %+v meets %+v", a, b)
			}
		}
	}
	for i, a := range bars {
		for _, b := range bars[i+1:] {
			if middle := a.top + a.bottom - b.top - b.bottom; a.top < b.bottom && b.top < a.bottom && middle != 0 {
				t.Errorf("the bar %+v is beside %+v", a, b)
			}
		}
	}
}
