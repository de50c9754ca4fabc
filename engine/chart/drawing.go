package chart

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
)

// A drawing is an unfinished SVG.
type drawing struct{ b bytes.Buffer }

// line writes a line. Texts among args must be escaped.
func (d *drawing) line(format string, args ...any) {
	fmt.Fprintf(&d.b, format, args...)
	d.b.WriteByte('\n')
}

// open writes the beginning of a picture.
func (d *drawing) open(class, role string, width, height int, title, about string) {
	d.line(`<svg xmlns="http://www.w3.org/2000/svg" class="%s" role="%s" width="%d" height="%d" viewBox="0 0 %d %d">`, class, role, width, height, width, height)
	d.line(`<title>%s</title>`, escape(title))
	d.line(`<desc>%s</desc>`, escape(about))
}

// close writes the end of a picture and returns the whole.
func (d *drawing) close() []byte {
	d.line(`</svg>`)
	return d.b.Bytes()
}

// escape escapes a text for content and attributes. A text from outside must be clean.
func escape(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		panic("chart: " + err.Error()) // writing to a builder cannot fail
	}
	return b.String()
}
