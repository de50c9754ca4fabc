package timeline

import (
	"errand/engine/picture"

	"fmt"
	"slices"
)

// A flag is a mark with its place.
type flag struct {
	Mark
	x    float64
	text string // its words
	lane int    // of the words; -1 if there is no room for them

	textX, width float64 // of the words
}

// now is the kind of the mark for the present time, which only the picture has.
const now MarkKind = "now"

const (
	mostLanes = 8
	flagRoom  = 170.0 // for the words of a mark
	flagPad   = 4.0
)

// lanes places the words of the marks, and of the present time, in lanes so that they do not overlap.
func (s *svg) lanes() {
	marks := slices.Clone(s.marks)
	if s.t.Open {
		marks = append(marks, Mark{Kind: now, At: s.t.End, Word: "now", Words: "now: " + s.t.End.Format(fullTime)})
	}
	for _, m := range marks {
		f := flag{Mark: m, x: s.axis.place(m.At), lane: -1}
		full := m.Word
		if m.By != "" {
			full = fit(m.Word+": "+m.By, flagRoom)
		}
		right := pictureWidth - edge - f.x - flagPad // the room there
		for _, text := range []string{full, fit(full, max(right, width(m.Word))), m.Word} {
			f.text, f.width = text, width(text)
			if f.width <= right && s.raise(&f, f.x+flagPad) || s.raise(&f, f.x-flagPad-f.width) {
				break
			}
		}
		s.flags = append(s.flags, f)
	}
}

// raise puts the words of a flag at a place, in the first lane in which they meet no others. It
// reports whether there is one.
func (s *svg) raise(f *flag, x float64) bool {
	f.textX = x
	for lane := range mostLanes {
		if !slices.ContainsFunc(s.flags, func(g flag) bool { return f.meets(g, lane) }) {
			f.lane = lane
			s.laneCount = max(s.laneCount, lane+1)
			return true
		}
	}
	return false
}

// meets reports whether the words or the line of a flag in a lane would meet those of another flag.
// Lines go down from their words, through the lanes below.
func (f *flag) meets(g flag, lane int) bool {
	covers := func(f *flag, x float64) bool { return f.textX-2 < x && x < f.textX+f.width+2 }
	switch {
	case g.lane < 0:
		return false
	case g.lane == lane:
		return f.textX < g.textX+g.width+tickGap && g.textX < f.textX+f.width+tickGap || covers(f, g.x) || covers(&g, f.x)
	case g.lane < lane:
		return covers(f, g.x)
	}
	return covers(&g, f.x)
}

// drawMarks draws a line for each mark, from its words to the last row.
func (s *svg) drawMarks() {
	for _, f := range s.flags {
		s.line(`<g class="mark %s"><title>%s</title>`, classOf(f.Kind), picture.Escape(f.Words))
		top := s.top
		if f.lane >= 0 {
			top = s.head + laneHeight*float64(f.lane) + 2
			s.text("word", f.textX, top+10, f.text)
		}
		s.stroke("post", fmt.Sprintf("M%s %sV%s", num(f.x), num(top), num(s.bottom)))
		s.line(`</g>`)
	}
}

// classOf returns the class of a kind of marks.
func classOf(k MarkKind) string {
	switch k {
	case ProcessEnded, Ended, WasCancelled:
		return "end"
	case now:
		return "now"
	}
	return "begin"
}
