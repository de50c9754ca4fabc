package cmd

import (
	"fmt"
	"io"
	"strings"

	"errand/engine/diag"
)

// A liveFrame is the part of a terminal that is redrawn: the lines above the cursor.
type liveFrame struct {
	w     io.Writer
	size  func() (width, height int)
	color bool
	drawn []int // the width of each line on the screen
	width int   // of the window when they were drawn
	tall  int   // the height of the window then
}

// resized reports whether the window has another size than when the frame was drawn.
func (f *liveFrame) resized() bool {
	width, height := f.size()
	return f.drawn != nil && (width != f.width || height != f.tall)
}

// draw replaces the lines. They must be narrower than the window, since a wrapped line would break
// the next drawing. If the window has become narrower since, the terminal has wrapped the lines.
func (f *liveFrame) draw(lines []string, width, height int) {
	var b strings.Builder
	up := 0
	for _, w := range f.drawn {
		up += max(1, (w+width-1)/width)
	}
	if up = min(up, height-1); up > 0 {
		fmt.Fprintf(&b, "\r\x1b[%dA", up)
	}
	f.drawn = f.drawn[:0]
	for _, line := range lines {
		b.WriteString(line + "\x1b[K\n")
		f.drawn = append(f.drawn, cells(line))
	}
	b.WriteString("\x1b[J")
	f.width, f.tall = width, height
	_, _ = io.WriteString(f.w, b.String())
}

func paint(color bool, with, s string) string {
	if !color || with == "" {
		return s
	}
	return with + s + reset
}

func printable(s string) string { return diag.Printable(s) }

// cells returns the number of cells that a line takes. Colours take none.
func cells(line string) int {
	n := 0
	each(line, func(_ int, width int) bool {
		n += width
		return true
	})
	return n
}

// fit cuts a line to a number of cells.
func fit(line string, most int) string {
	if cells(line) <= most {
		return line
	}
	n, cut := 0, 0
	each(line, func(at, width int) bool {
		n += width
		cut = at
		return n < most
	})
	text := strings.TrimRight(line[:cut], " ")
	if strings.Contains(text, "\x1b") {
		text += reset
	}
	if most < 1 {
		return text
	}
	return text + "…"
}

// each calls a function with the offset and the width of each character of a line, as long as it
// returns true.
func each(line string, do func(at, width int) bool) {
	inside := false
	for at, c := range line {
		width := 0
		switch {
		case c == '\x1b':
			inside = true
		case inside:
			inside = c != 'm'
		default:
			width = diag.Width(string(c))
		}
		if !do(at, width) {
			return
		}
	}
}
