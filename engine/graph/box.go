package graph

import "strings"

// A box is a box of the picture with its texts. In a frame, head is the height of the band at the
// top.
type box struct {
	part       *Part  // the step that it stands for; nil for others
	look       string // classes of the style sheet
	frame      bool   // it contains other boxes
	x, y, w, h int
	head       int
	slant      int // the length of its pointed ends, or of its cut corners
	texts      []text
	full       string // its whole text, if a part was cut
}

// A text is one line.
type text struct {
	x, y, w int // of the space for it; its height is that of the font
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

// single returns the block of one box at (0, 0), which extends as far to the left as to the right.
func single(b box) block {
	return block{left: -b.x, right: b.x + b.w, h: b.h, boxes: []box{b}}
}

// Sizes, in pixels.
const (
	nodeWidth = 256 // of every step, so that the steps of a list form a column
	padX      = 14
	padY      = 11
	markWidth = 17 // of a mark, with the space after it
	lineGap   = 3  // between lines of different styles
)

// most is the maximum number of lines for a text of each style.
var most = map[Style]int{Title: 3, Note: 3, Code: 3}

// A textColumn is a column of lines.
type textColumn struct {
	texts []text
	w, h  int
	full  string
}

// column breaks lines at a width and places them below each other, starting at a point.
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

// centre centres each line in a box around x = 0.
func (c *textColumn) centre() {
	for i := range c.texts {
		c.texts[i].x, c.texts[i].centred = -c.texts[i].w/2, true
	}
}

// nodeBox returns the box of a step.
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
	case Fail: // as a task, with the colour of failures
		b.look = string(Task) + " " + lookFails
	}
	c := column(n.Lines, nodeWidth-2*side, point{b.x + side, padY})
	b.texts, b.full, b.h = c.texts, c.full, c.h+2*padY
	return b
}

// conditionBox returns the box of a condition. It is pointed at both ends, like that of a decision.
func conditionBox(n *Node) box { return pointedBox(n, 12, 7) }

func decisionBox(n *Node) box { return pointedBox(n, 22, 9) }

func pointedBox(n *Node, slant, pad int) box {
	c := column(n.Lines, nodeWidth-2*slant-8, point{0, pad})
	c.centre()
	w := max(c.w+2*slant+8, 110)
	w += w % 2
	return box{look: string(n.Kind), x: -w / 2, w: w, h: c.h + 2*pad, slant: slant, texts: c.texts, full: c.full}
}

// pill returns a box with round ends and one centred line. w is its minimum width.
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

// wordBox returns the box of a word on a wire.
func wordBox(s string, kind EdgeKind) box {
	return pill("word "+string(kind), Line{Style: Note, Text: s}, 0, 22)
}

// caseBox returns the box of a case's condition, on its wire.
func caseBox(l Line) box {
	c := column([]Line{l}, nodeWidth-24, point{0, 4})
	c.centre()
	w := c.w + 24
	w += w % 2
	return box{look: "word " + string(Next), x: -w / 2, w: w, h: c.h + 8, texts: c.texts, full: c.full}
}
