package graph

import (
	"errand/engine/picture"

	"bytes"
	"fmt"
	"strings"
)

// SVG returns the graph as a picture in one file: no scripts, no fonts and no external content. It
// is light or dark as the viewer prefers. All its classes are inside errand-graph and it has no
// ids, so one HTML page can contain any number of pictures.
func (g *Graph) SVG() []byte {
	s := &svg{}
	s.draw(g, styleSheet())
	return s.b.Bytes()
}

// An svg is an unfinished picture.
type svg struct {
	b      bytes.Buffer
	states map[string]State // by the key of the step; nil in a file
}

// draw writes the whole picture, with a style sheet if there is one.
func (s *svg) draw(g *Graph, style string) {
	p := g.layout()
	role := "img"
	if s.hasLinks(p) { // screen readers show nothing that is inside an img
		role = "group"
	}
	s.line(`<svg xmlns="http://www.w3.org/2000/svg" class="errand-graph" role="%s" width="%d" height="%d" viewBox="0 0 %d %d">`, role, p.w, p.h, p.w, p.h)
	s.line(`<title>%s</title>`, picture.Escape(g.Title))
	s.line(`<desc>%s</desc>`, picture.Escape(g.describe(s.states)))
	if style != "" {
		s.line("<style>\n%s</style>", style)
	}
	s.line(`<rect class="page" width="%d" height="%d"/>`, p.w, p.h)
	for _, t := range p.texts {
		s.text(t)
	}
	for _, b := range p.boxes {
		if b.frame {
			s.box(b)
		}
	}
	for _, w := range p.wires {
		s.wire(w)
	}
	for _, j := range p.joints {
		s.line(`<circle class="joint %s" cx="%d" cy="%d" r="3"/>`, j.kind, j.at.x, j.at.y)
	}
	for _, b := range p.boxes {
		if b.frame {
			s.frameState(b)
		} else {
			s.step(b)
		}
	}
	s.line("</svg>")
}

func (s *svg) line(format string, args ...any) {
	fmt.Fprintf(&s.b, format, args...)
	s.b.WriteByte('\n')
}

func (s *svg) box(b box) {
	s.line(`<g class="%s">`, b.look)
	if b.full != "" { // a viewer shows it under the pointer
		s.line(`<title>%s</title>`, picture.Escape(b.full))
	}
	outline := s.outline(b)
	rect := func(inset, round int) {
		s.line(`<rect%s x="%d" y="%d" width="%d" height="%d" rx="%d"/>`, outline, b.x+inset, b.y+inset, b.w-2*inset, b.h-2*inset, round)
	}
	x, y, w, h := b.x, b.y, b.w, b.h
	switch kind, _, _ := strings.Cut(b.look, " "); kind {
	case "bar":
		rect(0, 3)
	case string(Start), string(End), "word":
		rect(0, min(b.h/2, 15))
	case string(Condition), string(Decision):
		s.line(`<path%s d="M%d %dL%d %dH%dL%d %dL%d %dH%dZ"/>`, outline, x, y+h/2, x+b.slant, y, x+w-b.slant, x+w, y+h/2, x+w-b.slant, y+h, x+b.slant)
	case string(Approval):
		c := b.slant
		s.line(`<path%s d="M%d %dH%dL%d %dV%dL%d %dH%dL%d %dV%dZ"/>`, outline, x+c, y, x+w-c, x+w, y+c, y+h-c, x+w-c, y+h, x+c, x, y+h-c, y+c)
	case string(Subworkflow):
		rect(0, 7)
		rect(4, 4)
	default:
		rect(0, 8)
	}
	if b.head > 0 {
		s.line(`<path class="head" d="M%d %dv%da7 7 0 0 1 7 -7h%da7 7 0 0 1 7 7v%dz"/>`, x+1, y+b.head, 8-b.head, w-16, b.head-8)
	}
	for _, t := range b.texts {
		s.text(t)
	}
	s.line("</g>")
}

func (s *svg) text(t text) {
	if t.mark != "" {
		s.line(`<path class="mark" d="%s"/>`, markPath(t.mark, t.x-markWidth, t.y+(t.font.line-12)/2))
	}
	x, class := t.x, t.font.class
	if t.centred {
		x, class = t.x+t.w/2, class+" mid"
	}
	s.line(`<text class="%s" x="%d" y="%d">%s</text>`, class, x, t.y+(t.font.line+t.font.size*7/10)/2, picture.Escape(t.s))
}

// markPath returns the path of a mark in a square of 12 pixels.
func markPath(m Mark, x, y int) string {
	at := fmt.Sprintf("M%d %d", x, y)
	switch m {
	case Poll: // a round arrow
		return at + "m10.5 3.2a5 5 0 1 0 .6 3.6m-.2 -6.3v3h-3"
	case Clock:
		return at + "m1 6a5 5 0 1 0 10 0a5 5 0 1 0 -10 0m5 -3v3l2 1.5"
	case Person:
		return at + "m3.5 3.5a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0m-2.5 8c0 -6 10 -6 10 0"
	case InTurn:
		return at + "m1 2.5h10m-10 3.5h10m-10 3.5h10"
	case Several:
		return at + "m2.5 1v10m3.5 -10v10m3.5 -10v10"
	}
	return at
}

// wire draws a line with rounded corners and, if it has one, an arrowhead.
func (s *svg) wire(w wire) {
	points := w.points
	end := points[len(points)-1]
	tip := end
	if w.arrow { // the line ends inside the head
		tip = towards(end, points[len(points)-2], 5)
	}
	var d strings.Builder
	fmt.Fprintf(&d, "M%d %d", points[0].x, points[0].y)
	for i := 1; i < len(points)-1; i++ {
		before, corner, after := points[i-1], points[i], points[i+1]
		round := min(8, distance(before, corner)/2, distance(corner, after)/2)
		from, to := towards(corner, before, round), towards(corner, after, round)
		fmt.Fprintf(&d, "L%d %dQ%d %d %d %d", from.x, from.y, corner.x, corner.y, to.x, to.y)
	}
	fmt.Fprintf(&d, "L%d %d", tip.x, tip.y)
	s.line(`<path class="wire %s" d="%s"/>`, w.kind, d.String())
	if !w.arrow {
		return
	}
	back := towards(end, points[len(points)-2], 8)
	side := point{4 * sign(end.y-back.y), 4 * sign(end.x-back.x)}
	s.line(`<path class="head %s" d="M%d %dL%d %dL%d %dZ"/>`, w.kind, end.x, end.y, back.x-side.x, back.y-side.y, back.x+side.x, back.y+side.y)
}

// towards returns the point at a distance from one point in the direction of another. The direction
// is horizontal or vertical.
func towards(from, to point, far int) point {
	return point{from.x + far*sign(to.x-from.x), from.y + far*sign(to.y-from.y)}
}

func distance(a, b point) int { return max(a.x-b.x, b.x-a.x) + max(a.y-b.y, b.y-a.y) }

func sign(n int) int {
	switch {
	case n > 0:
		return 1
	case n < 0:
		return -1
	}
	return 0
}
