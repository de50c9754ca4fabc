package chart

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	sparkWidth  = 120
	sparkHeight = 24
	sparkEdge   = 4  // room for a mark around the first and last point
	mostPoints  = 40 // more would not be told apart
)

// SVG returns the durations as a small picture: a line from the oldest execution to the last one,
// from 0 at its bottom to the longest at its top. The last one is a dot, and those that failed are
// crosses. It has the last 40 executions.
func (s StepDurations) SVG() []byte {
	shown := s.Executions[max(0, len(s.Executions)-mostPoints):]
	var d drawing
	d.open("errand-durations", "img", sparkWidth, sparkHeight, clean(string(s.Step))+": "+s.Words(), describeSpark(len(shown), len(s.Executions), s.Failed))
	d.line(`<path class="zero" d="M0 %d.5H%d"/>`, sparkHeight-sparkEdge, sparkWidth)
	longest := time.Duration(1)
	for _, e := range shown {
		longest = max(longest, e.Took)
	}
	var line strings.Builder
	x, y := make([]string, len(shown)), make([]string, len(shown))
	for i, e := range shown {
		across := 1.0 // one execution is the last one
		if len(shown) > 1 {
			across = float64(i) / float64(len(shown)-1)
		}
		x[i] = pixels(sparkEdge + across*(sparkWidth-2*sparkEdge))
		y[i] = pixels(sparkHeight - sparkEdge - float64(e.Took)/float64(longest)*(sparkHeight-2*sparkEdge))
		fmt.Fprintf(&line, "L%s %s", x[i], y[i])
	}
	if len(shown) > 1 {
		d.line(`<path class="line" d="M%s"/>`, line.String()[1:])
	}
	for i, e := range shown {
		switch last := i == len(shown)-1; {
		case last && e.Failed:
			d.line(`<circle class="failed" cx="%s" cy="%s" r="4"/>`, x[i], y[i])
			d.line(`<path class="on" d="M%s %sm-1.5 -1.5l3 3m0 -3l-3 3"/>`, x[i], y[i])
		case last:
			d.line(`<circle class="last" cx="%s" cy="%s" r="3"/>`, x[i], y[i])
		case e.Failed:
			d.line(`<path class="failed" d="M%s %sm-2.5 -2.5l5 5m0 -5l-5 5"/>`, x[i], y[i])
		}
	}
	return d.close()
}

func describeSpark(shown, all, failed int) string {
	about := count(shown, "execution") + ", the oldest first; the dot is the last"
	if shown < all {
		about = fmt.Sprintf("The last %d of %d executions, the oldest first; the dot is the last", shown, all)
	}
	if failed > 0 {
		about += ", and those with a cross failed"
	}
	return about + "."
}

// pixels returns a coordinate with at most one decimal.
func pixels(at float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(at, 'f', 1, 64), ".0")
}
