package graph

// A page is a finished layout: all places are absolute and between 0 and w, or 0 and h.
type page struct {
	w, h   int
	boxes  []box
	wires  []wire
	joints []joint
	texts  []text // the title
}

const (
	margin     = 28
	laneGap    = 44
	underTitle = 20
	titleRoom  = 640 // for the title, if the rest is narrower
)

// layout places the main list, and the handlers to its right, or below it if it is wider than high.
func (g *Graph) layout() page {
	var all block
	main := list(g.Lanes[0].Parts)
	all.put(main, main.left, 0)
	x, y := all.right+laneGap, 0
	if main.left+main.right > main.h {
		x, y = 0, all.h+laneGap
	}
	for _, lane := range g.Lanes[1:] {
		look := lookLane
		if lane.Kind == OnFailure {
			look = lookFails
		}
		b := frame(look+" whole", lane.Lines, list(lane.Parts))
		all.put(b, x+b.left, y)
		x += b.left + b.right + laneGap
	}
	title := titleOf(g, max(all.right, titleRoom))
	p := page{texts: title.texts, w: max(all.right, title.w) + 2*margin, h: margin + title.h + underTitle + all.h + margin}
	var placed block
	placed.put(all, margin, margin+title.h+underTitle)
	p.boxes, p.wires, p.joints = placed.boxes, placed.wires, placed.joints
	return p
}

func titleOf(g *Graph, room int) textColumn {
	var c textColumn
	y := margin
	wrapped, _ := wrap(g.Title, room, 2, heading.width)
	for _, s := range wrapped {
		c.texts = append(c.texts, text{x: margin, y: y, w: heading.width(s), font: heading, s: s})
		y += heading.line
	}
	if g.Name != g.Title {
		f := fonts[Code]
		wrapped, _ := wrap(g.Name, room, 1, f.width)
		c.texts = append(c.texts, text{x: margin, y: y, w: f.width(wrapped[0]), font: f, s: wrapped[0]})
		y += f.line
	}
	for _, t := range c.texts {
		c.w = max(c.w, t.w)
	}
	c.h = y - margin
	return c
}
