package graph

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/task"
	"errand/tasks"
)

// The picture of every program is readable: boxes and texts do not overlap, lines do not cross
// boxes, each line ends at something, and everything is on the page.
func TestLayoutOfAnything(t *testing.T) {
	for seed := range uint64(100) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			g := New(random(t, seed))
			checkPage(t, g.layout())
			checkEdges(t, g)
		})
	}
}

// random compiles a generated definition.
func random(t *testing.T, seed uint64) *program.Program {
	t.Helper()
	registry := task.NewRegistry(tasks.Connectors(task.Environment{})...)
	written := language(registry).Write(rand.New(rand.NewPCG(seed, 7)))
	loader := program.Loader{Registry: registry, Find: written.Find}
	p, problems := loader.Load("random.yaml", []byte(written.Source()))
	if diag.HasErrors(problems) {
		first := problems[slices.IndexFunc(problems, diag.Problem.IsError)]
		t.Fatalf("line %d: %s: %s\n%s", first.Range.Start.Line, first.Message, first.Label, written.Sources())
	}
	return p
}

func checkPage(t *testing.T, p page) {
	t.Helper()
	all := area{0, 0, p.w, p.h}
	for i, b := range p.boxes {
		if !all.holds(b.area()) {
			t.Errorf("%v is not on the page", b)
		}
		for _, other := range p.boxes[i+1:] {
			if b.area().meets(other.area()) && !(b.frame && b.area().holds(other.area())) {
				t.Errorf("%v and %v overlap", b, other)
			}
		}
		checkTexts(t, p, b)
	}
	for _, line := range p.texts {
		if !all.holds(line.area()) {
			t.Errorf("the title %v is not on the page", line)
		}
		for _, b := range p.boxes {
			if b.area().meets(line.area()) {
				t.Errorf("the title %v overlaps %v", line, b)
			}
		}
	}
	for i, w := range p.wires {
		checkWire(t, p, i, w)
	}
	for _, j := range p.joints {
		if !slices.ContainsFunc(p.wires, func(w wire) bool { return w.points[len(w.points)-1] == j.at }) {
			t.Errorf("no wire ends in the joint %v", j)
		}
	}
}

// checkTexts checks that the texts of a box are inside it and do not overlap the boxes in it.
func checkTexts(t *testing.T, p page, b box) {
	t.Helper()
	inner := area{b.x + b.slant, b.y, b.x + b.w - b.slant, b.y + b.h}
	if b.head > 0 {
		inner.bottom = b.y + b.head
	}
	for i, line := range b.texts {
		place := line.area()
		if line.mark != "" {
			place.left -= markWidth
		}
		if !inner.holds(place) {
			t.Errorf("the text %v is not inside %v", line, b)
		}
		for _, other := range b.texts[i+1:] {
			if place.meets(other.area()) {
				t.Errorf("the texts %v and %v overlap", line, other)
			}
		}
		for _, other := range p.boxes {
			if place.meets(other.area()) && !other.area().holds(b.area()) {
				t.Errorf("the text %v of %v overlaps %v", line, b, other)
			}
		}
	}
}

func checkWire(t *testing.T, p page, at int, w wire) {
	t.Helper()
	for i, from := range w.points[:len(w.points)-1] {
		to := w.points[i+1]
		if from.x != to.x && from.y != to.y || from == to {
			t.Errorf("the wire %v is neither horizontal nor vertical", w)
		}
		line := between(from, to)
		if !(area{0, 0, p.w, p.h}).holds(line) {
			t.Errorf("the wire %v leaves the page", w)
		}
		for _, b := range p.boxes {
			if !b.frame && b.area().meets(line) {
				t.Errorf("the wire %v goes through %v", w, b)
			}
			if b.head > 0 && (area{b.x, b.y, b.x + b.w, b.y + b.head}).meets(line) {
				t.Errorf("the wire %v goes through the head of %v", w, b)
			}
			for _, text := range b.texts {
				if text.area().meets(line) {
					t.Errorf("the wire %v goes through the text %v", w, text)
				}
			}
		}
		for _, other := range p.wires[at+1:] {
			for j := range other.points[1:] {
				if cross(line, between(other.points[j], other.points[j+1])) {
					t.Errorf("the wires %v and %v cross", w, other)
				}
			}
		}
	}
	if first, last := w.points[0], w.points[len(w.points)-1]; !ends(p, at, first) || !ends(p, at, last) {
		t.Errorf("the wire %v ends at nothing", w)
	} else if w.arrow && !onBox(p, last) {
		t.Errorf("the arrow of %v points at no box", w)
	}
}

// ends reports whether there is a box, another wire or a joint at a point.
func ends(p page, at int, place point) bool {
	for i, w := range p.wires {
		for j := range w.points[1:] {
			if i != at && between(w.points[j], w.points[j+1]).touches(place) {
				return true
			}
		}
	}
	return onBox(p, place) || slices.ContainsFunc(p.joints, func(j joint) bool { return j.at == place })
}

// onBox reports whether a point is on the border of a box, or on the lower edge of its head.
func onBox(p page, at point) bool {
	return slices.ContainsFunc(p.boxes, func(b box) bool {
		inside := at.x > b.x && at.x < b.x+b.w && at.y > b.y && at.y < b.y+b.h
		return b.area().touches(at) && (!inside || b.head > 0 && at.y == b.y+b.head)
	})
}

// checkEdges checks that edges lead from the start to every node of the main list, and from each
// node to the end or to a fail.
func checkEdges(t *testing.T, g *Graph) {
	t.Helper()
	start, end := g.Lanes[0].Parts[0].Node, g.Lanes[0].last()
	ids := map[string]bool{}
	for _, e := range g.Edges {
		if e.From == nil || e.To == nil {
			t.Fatalf("the edge %v leads nowhere", e)
		}
	}
	forward, back := reachable(g, start, false), reachable(g, end, true)
	for _, e := range g.Edges {
		if e.To.Kind == Fail {
			maps.Copy(back, reachable(g, e.To, true))
		}
	}
	var visit func(parts []*Part, undoes bool)
	visit = func(parts []*Part, undoes bool) {
		for _, p := range parts {
			for _, n := range []*Node{p.If, p.Node, p.Join} {
				if n == nil {
					continue
				}
				if ids[n.ID] {
					t.Errorf("two nodes have the id %s", n.ID)
				}
				ids[n.ID] = true
				if !forward[n] {
					t.Errorf("nothing leads to %s", n.ID)
				}
				if !undoes && !back[n] {
					t.Errorf("nothing leads from %s to the end", n.ID)
				}
			}
			for _, way := range p.Ways {
				visit(way.Parts, undoes)
			}
			if p.Undo != nil {
				visit(p.Undo.Parts, true)
			}
			if p.Fails != nil {
				visit(p.Fails.Parts, undoes)
			}
		}
	}
	visit(g.Lanes[0].Parts, false)
}

func reachable(g *Graph, from *Node, backwards bool) map[*Node]bool {
	seen, next := map[*Node]bool{from: true}, []*Node{from}
	for len(next) > 0 {
		n := next[0]
		next = next[1:]
		for _, e := range g.Edges {
			a, b := e.From, e.To
			if backwards {
				a, b = b, a
			}
			if a == n && !seen[b] {
				seen[b] = true
				next = append(next, b)
			}
		}
	}
	return seen
}

// An area is a rectangle, or a line if two sides are equal.
type area struct{ left, top, right, bottom int }

func (b box) area() area { return area{b.x, b.y, b.x + b.w, b.y + b.h} }

func (t text) area() area { return area{t.x, t.y, t.x + t.w, t.y + t.font.line} }

func between(a, b point) area {
	return area{min(a.x, b.x), min(a.y, b.y), max(a.x, b.x), max(a.y, b.y)}
}

// meets reports whether two areas share more than a border.
func (a area) meets(b area) bool {
	return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

func (a area) holds(b area) bool {
	return a.left <= b.left && b.right <= a.right && a.top <= b.top && b.bottom <= a.bottom
}

func (a area) touches(p point) bool {
	return a.left <= p.x && p.x <= a.right && a.top <= p.y && p.y <= a.bottom
}

// cross reports whether a horizontal and a vertical line cross. Lines that meet at an end do not
// cross.
func cross(a, b area) bool {
	if a.left == a.right {
		a, b = b, a
	}
	return a.top == a.bottom && b.left == b.right && a.left < b.left && b.left < a.right && b.top < a.top && a.top < b.bottom
}
