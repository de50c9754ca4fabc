package cmd

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A liveLine is a line of the list: a row, or how many rows are hidden there.
type liveLine struct {
	row    *liveRow // nil for hidden rows
	depth  int
	does   *liveRow // of a folded item: what it does
	hidden liveHidden
}

// A liveHidden counts hidden rows by what they do.
type liveHidden struct{ done, active, pending int }

// String is the count as one line.
func (h liveHidden) String() string {
	var texts []string
	for _, c := range []struct {
		n    int
		word string
	}{{h.done, "done"}, {h.active, "at work"}, {h.pending, "to come"}} {
		if c.n > 0 {
			texts = append(texts, fmt.Sprintf("%d %s", c.n, c.word))
		}
	}
	return "… " + strings.Join(texts, ", ")
}

func (l liveLine) labelWidth() int {
	if l.row == nil {
		return 0
	}
	return 2*l.depth + cells(printable(l.row.label))
}

// A liveFold says which rows have no lines.
type liveFold int

const (
	foldDone  liveFold = iota // what is inside items and loops that are done
	foldItems                 // what is inside any item: its line says what it does
	foldEnded                 // the items that are done, too
)

// lines returns the lines of the rows.
func (t *liveTree) lines(fold liveFold) []liveLine {
	var lines []liveLine
	var walk func(r *liveRow, depth int)
	walk = func(r *liveRow, depth int) {
		folded := r.folded()
		for _, s := range r.within {
			if (folded || fold == foldEnded && s.kind == liveItem && s.current() == liveDone) && !s.matters() {
				continue
			}
			line := liveLine{row: s, depth: depth}
			if fold == foldItems && s.kind == liveItem {
				line.does = s.leaf()
			}
			if lines = append(lines, line); line.does == nil {
				walk(s, depth+1)
			}
		}
	}
	walk(t.root, 0)
	return lines
}

// leaf returns the first row inside a row that is at work or has failed, and has no such row inside
// it. It returns nil if there is none.
func (r *liveRow) leaf() *liveRow {
	for _, s := range r.within {
		p := s.current()
		if !p.active() && p != liveFailed {
			continue
		}
		if inner := s.leaf(); inner != nil {
			return inner
		}
		return s
	}
	return nil
}

// folded reports whether the rows inside a row are hidden: an item or a loop that is done, and what
// was skipped.
func (r *liveRow) folded() bool {
	switch p := r.current(); p {
	case liveDone:
		return r.kind == liveItem || r.step != nil && r.step.Repeats()
	case liveSkipped:
		return true
	}
	return false
}

// matters reports whether a row or one inside it is worth a line even if what is around it is done.
func (r *liveRow) matters() bool {
	if p := r.current(); r.kind == liveHandler || p == liveFailed || p == liveCancelled || p.active() {
		return true
	}
	return slices.ContainsFunc(r.within, (*liveRow).matters)
}

// clip returns at most room lines of a run. It folds items if the lines are more, and then keeps
// what is at work or has failed, with what is around it, and what stands next to that.
func (t *liveTree) clip(room int, focus *liveRow) []liveLine {
	lines := t.lines(foldDone)
	if len(lines) > room {
		lines = t.lines(foldItems)
	}
	if len(lines) <= room {
		return lines
	}
	order := byImportance(lines, focus)
	for keep := room; keep > 0; keep-- {
		kept := make([]bool, len(lines))
		for _, i := range order[:keep] {
			kept[i] = true
		}
		if clipped := withCounts(lines, kept); len(clipped) <= room {
			return clipped
		}
	}
	return lines[order[0] : order[0]+1]
}

// byImportance returns the indexes of lines, the most important first.
func byImportance(lines []liveLine, focus *liveRow) []int {
	var order, centers []int
	at, taken := map[*liveRow]int{}, map[*liveRow]bool{}
	for i, l := range lines {
		at[l.row] = i
	}
	take := func(i int) {
		var around []int
		for r := lines[i].row; r != nil && !taken[r]; r = r.around {
			taken[r] = true
			if j, shown := at[r]; shown {
				around = append(around, j)
			}
		}
		slices.Reverse(around)
		order = append(order, around...)
	}
	for i, l := range lines {
		p := l.row.current()
		leaf := i+1 == len(lines) || lines[i+1].depth <= l.depth
		if leaf && (p.active() || p == liveFailed) {
			centers = append(centers, i)
			take(i)
		}
	}
	if i, shown := at[focus]; shown {
		centers = append(centers, i)
		take(i)
	}
	distance := func(i int) int {
		nearest := len(lines)
		for _, c := range centers {
			nearest = min(nearest, max(i-c, c-i))
		}
		return nearest
	}
	var others []int
	distances := make([]int, len(lines))
	for i, l := range lines {
		if !taken[l.row] {
			others = append(others, i)
			distances[i] = distance(i)
		}
	}
	slices.SortStableFunc(others, func(a, b int) int { return cmp.Compare(distances[a], distances[b]) })
	return append(order, others...)
}

// withCounts returns the lines that are kept, and in place of the others how many there are.
func withCounts(lines []liveLine, kept []bool) []liveLine {
	var shown []liveLine
	gap := false
	for i, l := range lines {
		if kept[i] {
			shown, gap = append(shown, l), false
			continue
		}
		if !gap {
			shown, gap = append(shown, liveLine{depth: l.depth}), true
		}
		last := &shown[len(shown)-1]
		last.depth = min(last.depth, l.depth)
		switch p := l.row.current(); {
		case p.ended():
			last.hidden.done++
		case p.active():
			last.hidden.active++
		default:
			last.hidden.pending++
		}
	}
	return shown
}
