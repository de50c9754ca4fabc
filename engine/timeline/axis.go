package timeline

import (
	"math"
	"slices"
	"sort"
	"time"
)

// An axis maps times to places. Between two neighbouring instants it is linear. A long time in which
// nothing begins or ends is broken: its length in the picture says nothing, and its length in words
// stands beside it. Order is always kept, and every piece has a width.
type axis struct {
	at     []time.Time // the instants, at least two, ascending
	x      []float64   // their places
	breaks []bool      // whether the piece that begins with an instant is broken
}

const (
	shortestBreak = 10 * time.Minute // a shorter time is never broken
	breakWidth    = 58.0             // in pixels
	mostBreaks    = 16
	pieceWidth    = 3.0  // the least width of a piece, if there is room
	dominates     = 25   // a break has at least this many times the length of all that is shorter
	similar       = 4    // times that differ by a smaller factor are broken together, or not at all
	fullScale     = 10e9 // nanoseconds that fill the picture; less time does not, if there are breaks
	breakShare    = 0.55 // of the width, at most, for all breaks
)

// newAxis returns an axis for instants, from one place to another.
func newAxis(instants []time.Time, left, right float64) axis {
	slices.SortFunc(instants, time.Time.Compare)
	at := slices.CompactFunc(instants, time.Time.Equal)
	if len(at) == 1 {
		at = append(at, at[0].Add(time.Second))
	}
	a := axis{at: at, x: make([]float64, len(at)), breaks: breaks(at)}
	room, broken, linear := right-left, 0, 0.0
	for i, b := range a.breaks {
		if b {
			broken++
		} else {
			linear += float64(at[i+1].Sub(at[i]))
		}
	}
	gap := 0.0
	if broken > 0 {
		gap = min(breakWidth, breakShare*room/float64(broken))
	}
	pieces := len(a.breaks) - broken
	least := 0.0
	if pieces > 0 {
		least = min(pieceWidth, room/4/float64(pieces))
	}
	rest := room - gap*float64(broken) - least*float64(pieces)
	scaled := rest
	if broken > 0 {
		scaled = rest * min(1, linear/fullScale)
		gap += (rest - scaled) / float64(broken)
	}
	x := left
	for i, b := range a.breaks {
		a.x[i] = x
		if b {
			x += gap
		} else {
			x += least + scaled*float64(at[i+1].Sub(at[i]))/linear
		}
	}
	a.x[len(a.x)-1] = right
	return a
}

// breaks chooses the pieces between instants that are broken: the longest, as long as they leave
// almost no room for the others. It does not break many pieces of similar length.
func breaks(at []time.Time) []bool {
	broken := make([]bool, len(at)-1)
	order := make([]int, len(broken))
	rest := 0.0
	for i := range order {
		order[i] = i
		rest += float64(at[i+1].Sub(at[i]))
	}
	length := func(i int) time.Duration { return at[i+1].Sub(at[i]) }
	slices.SortStableFunc(order, func(a, b int) int { return int(min(1, max(-1, length(b)-length(a)))) })
	for next := 0; next < len(order); {
		longest, end, sum := length(order[next]), next, 0.0
		for end < len(order) && length(order[end]) > longest/similar {
			sum += float64(length(order[end]))
			end++
		}
		rest -= sum
		if end > mostBreaks || end == len(order) || length(order[end-1]) < shortestBreak || sum < dominates*math.Max(rest, 0) {
			break
		}
		for _, i := range order[next:end] {
			broken[i] = true
		}
		next = end
	}
	return broken
}

// place returns the place of a time.
func (a axis) place(t time.Time) float64 {
	i := sort.Search(len(a.at), func(i int) bool { return a.at[i].After(t) }) - 1
	switch {
	case i < 0:
		return a.x[0]
	case i == len(a.at)-1:
		return a.x[i]
	}
	part := float64(t.Sub(a.at[i])) / float64(a.at[i+1].Sub(a.at[i]))
	return a.x[i] + part*(a.x[i+1]-a.x[i])
}
