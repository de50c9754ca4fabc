package chart

import (
	"errand/engine/picture"

	"bytes"
	"fmt"
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
	d.line(`<title>%s</title>`, picture.Escape(title))
	d.line(`<desc>%s</desc>`, picture.Escape(about))
}

// close writes the end of a picture and returns the whole.
func (d *drawing) close() []byte {
	d.line(`</svg>`)
	return d.b.Bytes()
}
