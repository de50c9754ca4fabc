package graph

// A point is a place in pixels. y increases downwards.
type point struct{ x, y int }

// A block is a part of the picture during layout. Wires enter it at (0, 0) and leave it at (0, h),
// so that the blocks of a list form a line. It extends to -left and to right.
type block struct {
	left, right, h int
	ends           bool  // all ways through it end with a fail: no wire leaves it
	boxes          []box // a frame comes before the boxes in it
	wires          []wire
	joints         []joint
}

// A wire is a line between two points, with corners.
type wire struct {
	kind   EdgeKind
	arrow  bool // at its end
	points []point
}

// A joint is a dot where a wire meets another.
type joint struct {
	kind EdgeKind
	at   point
}

// Distances, in pixels.
const (
	gap       = 28 // between one step and the next
	shortGap  = 22 // between parts of one step
	columnGap = 36
	besideGap = 52 // between a step and its handlers
	stackGap  = 22 // between two handlers
	aroundGap = 26 // between a step and the wire around it
	mergeGap  = 16 // between a step and the end of the wire around it
	framePad  = 20
	frameEnd  = 18 // below the content of a frame
	barHeight = 6
	barReach  = 34 // of a bar, beyond the first and the last branch
	trunk     = 16 // from a decision down to the point where its ways divide
)

// of makes the first box of a block stand for a step.
func (b block) of(p *Part) block {
	b.boxes[0].part = p
	return b
}

// put places a block inside this one.
func (b *block) put(inner block, dx, dy int) {
	move := func(p point) point { return point{p.x + dx, p.y + dy} }
	for _, one := range inner.boxes {
		b.boxes = append(b.boxes, one.move(dx, dy))
	}
	for _, w := range inner.wires {
		points := make([]point, len(w.points))
		for i, p := range w.points {
			points[i] = move(p)
		}
		b.wires = append(b.wires, wire{w.kind, w.arrow, points})
	}
	for _, j := range inner.joints {
		b.joints = append(b.joints, joint{j.kind, move(j.at)})
	}
	b.left = max(b.left, inner.left-dx)
	b.right = max(b.right, inner.right+dx)
	b.h = max(b.h, inner.h+dy)
}

func (b *block) wire(kind EdgeKind, arrow bool, points ...point) {
	b.wires = append(b.wires, wire{kind, arrow, points})
}

// join adds a wire, unless nothing takes it because what is before it ends.
func (b *block) join(ends bool, kind EdgeKind, arrow bool, points ...point) {
	if !ends {
		b.wire(kind, arrow, points...)
	}
}

// list lays out parts below each other.
func list(parts []*Part) block {
	var b block
	for i, p := range parts {
		if i > 0 {
			b.join(b.ends, Next, true, point{0, b.h}, point{0, b.h + gap})
			b.h += gap
		}
		next := step(p)
		b.put(next, 0, b.h)
		b.ends = next.ends
	}
	return b
}

// step lays out a part: its condition, its action, its handlers, and the wires around it, which end
// below it.
func step(p *Part) block {
	var b block
	if p.If != nil {
		b.put(single(conditionBox(p.If)), 0, 0)
		b.wire(Next, true, point{0, b.h}, point{0, b.h + shortGap})
		b.h += shortGap
	}
	top := b.h
	body := action(p)
	b.put(body, 0, top)
	back := b.beside(p, body, top)
	b.ends = body.ends && p.If == nil && back == nil
	bottom, merge := top+body.h, b.h
	if p.If != nil || back != nil {
		merge += mergeGap
	}
	if merge > bottom {
		b.join(body.ends, Next, false, point{0, bottom}, point{0, merge})
	}
	if back != nil {
		b.wire(WhenFails, false, *back, point{back.x, merge}, point{0, merge})
		b.joints = append(b.joints, joint{WhenFails, point{0, merge}})
	}
	if p.If != nil {
		b.around(merge)
	}
	b.h = merge
	return b
}

// around draws the wire around a step on its left. It begins at the first box of the block, which
// is the condition.
func (b *block) around(merge int) {
	condition := b.boxes[0]
	x, y := -b.left-aroundGap, condition.y+condition.h/2
	no := single(wordBox("no", Around))
	at := y + shortGap/2
	b.wire(Around, false, point{condition.x, y}, point{x, y}, point{x, at})
	b.wire(Around, false, point{x, at + no.h}, point{x, merge}, point{0, merge})
	b.put(no, x, at)
	b.joints = append(b.joints, joint{Around, point{0, merge}})
}

// beside places the undo of a step to the right of its action, and its handlers below that. If the
// run continues after the handlers, it returns the start of the wire back.
func (b *block) beside(p *Part, body block, top int) (back *point) {
	from := body.boxes[0].move(0, top) // the step's box, or the frame around it
	edge, left := from.x+from.w, body.right+besideGap
	undoAt, failsAt := from.y+min(from.h/2, 24), from.y+min(from.h/2, 24)
	if p.Undo != nil && p.Fails != nil {
		undoAt, failsAt = from.y+min(from.h/3, 20), from.y+min(from.h*2/3, 44)
	}
	y := top
	if p.Undo != nil {
		undo := frame(lookUndo, p.Undo.Lines, list(p.Undo.Parts))
		b.put(undo, left+undo.left, y)
		b.wire(WhenUndo, true, point{edge, undoAt}, point{left, undoAt})
		y += undo.h + stackGap
	}
	if p.Fails == nil {
		return nil
	}
	fails := single(wordBox(p.Fails.Lines[0].Text, WhenFails))
	if len(p.Fails.Parts) > 0 {
		fails = frame(lookFails, p.Fails.Lines, list(p.Fails.Parts))
	}
	in := min(fails.h/2, 24)
	if p.Undo == nil {
		y = failsAt - in
		b.wire(WhenFails, true, point{edge, failsAt}, point{left, failsAt})
	} else {
		turn := left - besideGap/2
		b.wire(WhenFails, true, point{edge, failsAt}, point{turn, failsAt}, point{turn, y + in}, point{left, y + in})
	}
	if b.put(fails, left+fails.left, y); fails.ends {
		return nil
	}
	return &point{left + fails.left, y + fails.h}
}
