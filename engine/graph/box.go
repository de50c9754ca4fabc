package graph

import "strings"

// A box is one box of the picture, with its texts. Of a frame, head is the height of the band at its top.
type box struct {
	look       string // classes of the style sheet
	frame      bool   // other boxes stand in it
	x, y, w, h int
	head       int
	slant      int // how far its left and right ends are pointed, or its corners cut
	texts      []text
	full       string // all that it says, where a text was cut
}

// A text is one line.
type text struct {
	x, y, w int // of the place that it may take; its height is that of the font
	font    font
	mark    Mark // drawn before it
	centred bool
	s       string
}

func (b box) move(dx, dy int) box {
	b.x, b.y = b.x+dx, b.y+dy
	texts := make([]text, len(b.texts))
	for i, t := range b.texts {
		t.x, t.y = t.x+dx, t.y+dy
		texts[i] = t
	}
	b.texts = texts
	return b
}

// single is the block of one box, which stands at (0, 0) and is as wide to both sides.
func single(b box) block {
	return block{left: -b.x, right: b.x + b.w, h: b.h, boxes: []box{b}}
}

// Sizes, in pixels.
const (
	nodeWidth = 256 // of every step, so that steps of a list are one column
	padX      = 14
	padY      = 11
	markWidth = 17 // of a mark, with the space behind it
	lineGap   = 3  // between lines of different styles
)

// most is how many lines a text of each style may take.
var most = map[Style]int{Title: 3, Note: 3, Code: 3}

// A textColumn is a column of lines.
type textColumn struct {
	texts []text
	w, h  int
	full  string
}

// column breaks lines to a width, and places them below each other from a point.
func column(lines []Line, room int, from point) (c textColumn) {
	y, whole := from.y, true
	var full []string
	for i, l := range lines {
		f, indent := fonts[l.Style], 0
		if l.Mark != "" {
			indent = markWidth
		}
		limit := most[l.Style]
		wrapped, fits := wrap(l.Text, room-indent, limit, f.width)
		whole = whole && fits
		full = append(full, l.Text)
		if i > 0 {
			y += lineGap
		}
		for j, s := range wrapped {
			t := text{x: from.x + indent, y: y, w: f.width(s), font: f, s: s}
			if j == 0 {
				t.mark = l.Mark
			}
			c.texts = append(c.texts, t)
			c.w = max(c.w, indent+t.w)
			y += f.line
		}
	}
	c.h = y - from.y
	if !whole {
		c.full = strings.Join(full, "\n")
	}
	return c
}

// centre sets each line into the middle of a box around x = 0.
func (c *textColumn) centre() {
	for i := range c.texts {
		c.texts[i].x, c.texts[i].centred = -c.texts[i].w/2, true
	}
}

// nodeBox is the box of a step.
func nodeBox(n *Node) box {
	switch n.Kind {
	case Start, End:
		return pill(string(n.Kind), n.Lines[0], 84, 30)
	}
	side := padX
	b := box{look: string(n.Kind), x: -nodeWidth / 2, w: nodeWidth}
	switch n.Kind {
	case Subworkflow:
		side += 5 // for the second border
	case Approval:
		b.slant = 9
		side += 4
	}
	c := column(n.Lines, nodeWidth-2*side, point{b.x + side, padY})
	b.texts, b.full, b.h = c.texts, c.full, c.h+2*padY
	return b
}

// conditionBox and decisionBox are pointed at both ends.
func conditionBox(n *Node) box { return pointed(n, 12, 7) }

func decisionBox(n *Node) box { return pointed(n, 22, 9) }

func pointed(n *Node, slant, pad int) box {
	c := column(n.Lines, nodeWidth-2*slant-8, point{0, pad})
	c.centre()
	w := max(c.w+2*slant+8, 110)
	w += w % 2
	return box{look: string(n.Kind), x: -w / 2, w: w, h: c.h + 2*pad, slant: slant, texts: c.texts, full: c.full}
}

// pill is one centred line in a box with round ends, at least so wide.
func pill(look string, l Line, w, h int) box {
	f := fonts[l.Style]
	wrapped, whole := wrap(l.Text, nodeWidth-24, 1, f.width)
	t := text{w: f.width(wrapped[0]), y: (h - f.line) / 2, font: f, centred: true, s: wrapped[0]}
	t.x = -t.w / 2
	w = max(w, t.w+24)
	w += w % 2
	b := box{look: look, x: -w / 2, w: w, h: h, texts: []text{t}}
	if !whole {
		b.full = l.Text
	}
	return b
}

// wordBox is a word on a way.
func wordBox(s string, kind EdgeKind) box {
	return pill("word "+string(kind), Line{Style: Note, Text: s}, 0, 22)
}

// caseBox is the condition of a case, on its way.
func caseBox(l Line) box {
	c := column([]Line{l}, nodeWidth-24, point{0, 4})
	c.centre()
	w := c.w + 24
	w += w % 2
	return box{look: "word " + string(Next), x: -w / 2, w: w, h: c.h + 8, texts: c.texts, full: c.full}
}
