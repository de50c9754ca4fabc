package graph

import "slices"

// The looks of frames. They are also classes of the style sheet.
const (
	lookHolds = "holds" // around a step that holds others
	lookPlain = "plain" // the same without a heading
	lookFails = "fails"
	lookUndo  = "undo"
	lookLane  = "lane"
)

// action lays out what a step does, without its condition and its handlers. The first box is that
// of the whole step.
func action(p *Part) block {
	switch {
	case p.Box != nil && p.Node != nil:
		return frame(lookHolds, p.Box.Lines, branches(p)).of(p)
	case p.Box != nil: // the ways meet at its lower edge
		return frame(lookHolds, p.Box.Lines, list(p.Ways[0].Parts)).of(p)
	case len(p.Ways) > 0 && (p.Undo != nil || p.Fails != nil):
		return frame(lookPlain, nil, cases(p))
	case len(p.Ways) > 0:
		return cases(p)
	}
	b := single(nodeBox(p.Node)).of(p)
	b.ends = p.Node.Kind == Fail
	return b
}

// frame draws a box around a block, with a heading at its top.
func frame(look string, lines []Line, inner block) block {
	left := inner.left + framePad
	room := max(inner.left+inner.right, nodeWidth)
	texts := column(lines, room, point{-left + 14, 10})
	head := texts.h + 20
	if len(lines) == 0 {
		head = 0
	}
	outer := block{ends: inner.ends, left: left, right: max(inner.right+framePad, texts.w+28-left)}
	at := head
	if look == lookHolds || look == lookPlain {
		outer.wire(Next, true, point{0, head}, point{0, head + shortGap})
		at += shortGap
	}
	box := box{look: "frame " + look, frame: true, x: -left, w: left + outer.right, h: at + inner.h + frameEnd, texts: texts.texts, full: texts.full}
	if look == lookHolds {
		box.head = head
	}
	outer.boxes = append(outer.boxes, box)
	outer.put(inner, 0, at)
	switch end := []point{{0, at + inner.h}, {0, box.h}}; look {
	case lookHolds, lookPlain:
		outer.join(inner.ends, Next, false, end...)
	case lookFails:
		outer.join(inner.ends, WhenFails, false, end...)
	}
	outer.h = box.h
	return outer
}

// way lays out a branch or a case below its name.
func way(g *Group) block {
	b := single(wordBox(g.Lines[0].Text, Next))
	if g.Lines[0].Style == Code {
		b = single(caseBox(g.Lines[0]))
	}
	if len(g.Parts) > 0 {
		b.wire(Next, true, point{0, b.h}, point{0, b.h + shortGap})
		inner := list(g.Parts)
		b.put(inner, 0, b.h+shortGap)
		b.ends = inner.ends
	}
	return b
}

// sideBySide places ways next to each other, with their tops at the same height. x = 0 is in the
// middle between the first and the last. It returns the x of each way.
func (b *block) sideBySide(ways []*Group, top int) (all []block, at []int) {
	x := 0
	for i, g := range ways {
		w := way(g)
		if i > 0 {
			x += all[i-1].right + columnGap + w.left
		}
		all, at = append(all, w), append(at, x)
	}
	for i := range at {
		at[i] -= x / 2
		b.put(all[i], at[i], top)
	}
	return all, at
}

// branches lays out a parallel: a bar, the branches, and a second bar.
func branches(p *Part) block {
	var b block
	top := barHeight + shortGap
	all, at := b.sideBySide(p.Ways, top)
	reach := max(-at[0], at[len(at)-1]) + barReach
	bottom := b.h + shortGap
	for i, w := range all {
		b.wire(Next, false, point{at[i], barHeight}, point{at[i], top})
		b.join(w.ends, Next, true, point{at[i], top + w.h}, point{at[i], bottom})
	}
	for _, y := range []int{0, bottom} {
		b.put(single(box{look: "bar", x: -reach, w: 2 * reach, h: barHeight}), 0, y)
	}
	return b
}

// cases lays out a switch: the decision, its ways, and the point where they meet.
func cases(p *Part) block {
	b := single(decisionBox(p.Node)).of(p)
	from := b.h
	top := from + 2*trunk
	all, at := b.sideBySide(p.Ways, top)
	merge := b.h + mergeGap
	fork := from + trunk
	b.wire(Next, false, point{0, from}, point{0, fork})
	for i, w := range all {
		if at[i] == 0 {
			b.wire(Next, false, point{0, fork}, point{0, top})
			b.join(w.ends, Next, false, point{0, top + w.h}, point{0, merge})
			continue
		}
		b.wire(Next, false, point{0, fork}, point{at[i], fork}, point{at[i], top})
		b.join(w.ends, Next, false, point{at[i], top + w.h}, point{at[i], merge}, point{0, merge})
	}
	if b.ends = !slices.ContainsFunc(all, func(w block) bool { return !w.ends }); !b.ends {
		b.joints = append(b.joints, joint{Next, point{0, merge}})
	}
	b.h = merge
	return b
}
