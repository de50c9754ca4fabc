package diag

import (
	"bytes"
	"fmt"
	"slices"
)

// Unified is the difference between two texts in the unified format, which patch and git apply read: "" where there is none. The
// names stand in its first two lines.
func Unified(oldName, newName string, before, after []byte) string {
	if bytes.Equal(before, after) {
		return ""
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "--- %s\n+++ %s\n", oldName, newName)
	lines := script(linesOf(before), linesOf(after))
	for at := 0; ; {
		first := slices.IndexFunc(lines[at:], scriptLine.changed)
		if first < 0 {
			return b.String()
		}
		first += at
		end := first + 1 // behind the last change with no more than twice the context to the next
		for i := end; i < len(lines) && i <= end+2*context; i++ {
			if lines[i].changed() {
				end = i + 1
			}
		}
		hunk(&b, lines, max(at, first-context), min(len(lines), end+context))
		at = end
	}
}

// context is how many lines are shown around a change.
const context = 3

// A scriptLine is a line of either text, or of both: ' ', '-' or '+'.
type scriptLine struct {
	mark byte
	text []byte
}

func (l scriptLine) changed() bool { return l.mark != ' ' }

func hunk(b *bytes.Buffer, lines []scriptLine, from, to int) {
	var start, count [2]int
	for i, l := range lines[:to] {
		for side, other := range [2]byte{'+', '-'} {
			switch {
			case l.mark == other:
			case i < from:
				start[side]++
			default:
				count[side]++
			}
		}
	}
	b.WriteString("@@")
	for side, sign := range [2]byte{'-', '+'} {
		if count[side] > 0 {
			start[side]++
		}
		fmt.Fprintf(b, " %c%d", sign, start[side])
		if count[side] != 1 {
			fmt.Fprintf(b, ",%d", count[side])
		}
	}
	b.WriteString(" @@\n")
	for _, l := range lines[from:to] {
		b.WriteByte(l.mark)
		b.Write(l.text)
		if !bytes.HasSuffix(l.text, []byte("\n")) {
			b.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// linesOf cuts a text behind its line breaks.
func linesOf(text []byte) [][]byte { return slices.Collect(bytes.Lines(text)) }

// script turns one list of lines into another: what both begin and end with, and in between as few changes as there are, where
// these are not too many to look for.
func script(a, b [][]byte) []scriptLine {
	var made []scriptLine
	add := func(mark byte, lines [][]byte) {
		for _, l := range lines {
			made = append(made, scriptLine{mark, l})
		}
	}
	head := 0
	for head < min(len(a), len(b)) && bytes.Equal(a[head], b[head]) {
		head++
	}
	tail := 0
	for tail < min(len(a), len(b))-head && bytes.Equal(a[len(a)-1-tail], b[len(b)-1-tail]) {
		tail++
	}
	add(' ', a[:head])
	made = append(made, shortest(a[head:len(a)-tail], b[head:len(b)-tail])...)
	add(' ', a[len(a)-tail:])
	return made
}

// mostChanges bounds what shortest looks for: its time and memory grow with the square of it.
const mostChanges = 1000

// shortest is the script with the fewest changes (Myers, "An O(ND) Difference Algorithm and Its Variations", 1986), or one that
// replaces everything where even that has too many.
func shortest(a, b [][]byte) []scriptLine {
	// reach[d][k+d] is how far in a one comes with d changes on the diagonal k, which is x - y.
	var reach [][]int
	for d := 0; d <= min(len(a)+len(b), mostChanges); d++ {
		row := make([]int, 2*d+1)
		for k := -d; k <= d; k += 2 {
			x := 0
			if d > 0 {
				x = step(reach[d-1], k, d)
			}
			y := x - k
			for x < len(a) && y < len(b) && y >= 0 && bytes.Equal(a[x], b[y]) {
				x, y = x+1, y+1
			}
			row[k+d] = x
			if x >= len(a) && y >= len(b) {
				return retrace(a, b, append(reach, row), d, k)
			}
		}
		reach = append(reach, row)
	}
	var made []scriptLine
	for _, l := range a {
		made = append(made, scriptLine{'-', l})
	}
	for _, l := range b {
		made = append(made, scriptLine{'+', l})
	}
	return made
}

// step is where the d-th change leads to on the diagonal k: a line of b more, or one of a less.
func step(before []int, k, d int) int {
	if down(before, k, d) {
		return before[k+1+d-1]
	}
	return before[k-1+d-1] + 1
}

// down tells whether the change is a line of b more.
func down(before []int, k, d int) bool {
	return k == -d || k != d && before[k-1+d-1] < before[k+1+d-1]
}

// retrace follows the changes back from the end.
func retrace(a, b [][]byte, reach [][]int, d, k int) []scriptLine {
	var made []scriptLine
	x, y := len(a), len(b)
	for ; d >= 0; d-- {
		from := 0
		if d > 0 {
			from = step(reach[d-1], k, d)
		}
		for x > from {
			x, y = x-1, y-1
			made = append(made, scriptLine{' ', a[x]})
		}
		if d == 0 {
			break
		}
		if down(reach[d-1], k, d) {
			y, k = y-1, k+1
			made = append(made, scriptLine{'+', b[y]})
		} else {
			x, k = x-1, k-1
			made = append(made, scriptLine{'-', a[x]})
		}
	}
	slices.Reverse(made)
	return made
}
