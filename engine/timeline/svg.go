package timeline

import (
	"errand/engine/picture"

	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// The sizes of the picture, in its own pixels.
const (
	pictureWidth = 720.0
	labelRight   = 190.0 // the end of the column of labels
	plotLeft     = 200.0
	plotRight    = 706.0
	edge         = 6.0 // the empty border
	axisLine     = 30.0
	axisHeight   = 36.0
	breakHeight  = 14.0 // more for how long the broken pieces are
	laneHeight   = 15.0 // of the words of marks
	rowHeight    = 22.0
	indent       = 9.0 // for each step around a step
	deepest      = 6   // steps inside more steps are not indented further
)

// What a picture shows at most. The data has more.
const (
	drawnRows  = 200
	drawnSpans = 2000
	drawnMarks = 40
)

// SVG returns the picture: steps from top to bottom, time from left to right. It has no style sheet
// of its own (StyleSheet returns it), no scripts, no ids and no external content, so an HTML page
// with a strict content security policy can contain any number of pictures.
func (t *Timeline) SVG() []byte {
	s := &svg{t: t, rows: t.Rows[:min(len(t.Rows), drawnRows)], marks: t.Marks[:min(len(t.Marks), drawnMarks)]}
	spans := 0
	for i, r := range s.rows {
		if spans += len(r.Spans); spans > drawnSpans && i > 0 {
			s.rows = s.rows[:i]
			break
		}
	}
	s.axis = newAxis(s.instants(), plotLeft, plotRight)
	s.head = axisHeight
	if slices.Contains(s.axis.breaks, true) {
		s.head += breakHeight
	}
	s.lanes()
	s.top = s.head + laneHeight*float64(s.laneCount)
	s.bottom = s.top + rowHeight*float64(len(s.rows))
	more := len(t.Rows) - len(s.rows) + t.MoreRows
	end := s.bottom
	if more > 0 {
		end += rowHeight
	}
	legend := s.legend(end + 8)
	height := end + 8 + legend.height + edge

	s.line(`<svg xmlns="http://www.w3.org/2000/svg" class="errand-timeline" role="img" width="%s" height="%s" viewBox="0 0 %s %s" font-family="sans-serif" font-size="11">`,
		num(pictureWidth), num(height), num(pictureWidth), num(height))
	s.line(`<title>%s</title>`, picture.Escape("Timeline of run "+t.Run))
	s.line(`<desc>%s</desc>`, picture.Escape(t.describe()))
	s.line(`<rect class="page" fill="none" x="0" y="0" width="%s" height="%s"/>`, num(pictureWidth), num(height))
	s.drawAxis()
	for i := range s.rows {
		s.drawRow(&s.rows[i], s.top+rowHeight*float64(i))
	}
	s.drawBreaks()
	s.drawMarks()
	if more > 0 {
		s.text("label more", edge+16, end-rowHeight/2+4, "and "+count(more, "more step"))
	}
	s.b.Write(legend.b.Bytes())
	s.line("</svg>")
	return s.b.Bytes()
}

// An svg is an unfinished picture.
type svg struct {
	b         bytes.Buffer
	t         *Timeline
	rows      []Row
	marks     []Mark
	axis      axis
	flags     []flag // the marks with their places
	laneCount int
	head      float64 // the height of the axis
	top       float64 // of the rows
	bottom    float64
}

// instants returns all times at which something that is drawn begins or ends.
func (s *svg) instants() []time.Time {
	at := []time.Time{s.t.Begin, s.t.End}
	for _, r := range s.rows {
		at = append(at, r.Began)
		for _, span := range r.Spans {
			at = append(at, span.From, span.To)
			if hasFlag(span) && (span.Open || span.Until.Before(s.t.End)) {
				at = append(at, span.Until)
			}
		}
	}
	for _, m := range s.marks {
		at = append(at, m.At)
	}
	return at
}

func (s *svg) line(format string, args ...any) {
	fmt.Fprintf(&s.b, format, args...)
	s.b.WriteByte('\n')
}

func (s *svg) text(class string, x, y float64, text string) {
	s.line(`<text class="%s" x="%s" y="%s">%s</text>`, class, num(x), num(y), picture.Escape(text))
}

// stroke draws lines.
func (s *svg) stroke(class, path string) {
	s.line(`<path class="%s" fill="none" stroke="currentColor" d="%s"/>`, class, path)
}

// drawAxis draws the labels of times and their lines.
func (s *svg) drawAxis() {
	for _, k := range s.axis.ticks(pictureWidth - edge) {
		s.stroke("grid", fmt.Sprintf("M%s 4V%s", num(k.x), num(s.bottom)))
		if k.date != "" {
			s.text("time", k.dateX, 12, k.date)
		}
		s.text("time", k.timeX, 26, k.time)
	}
	s.stroke("axis", fmt.Sprintf("M%s %sH%s", num(plotLeft), num(axisLine), num(plotRight)))
}

// drawBreaks draws a zigzag over the rows at each broken piece, and how long it is. It covers the bars,
// which go on behind it.
func (s *svg) drawBreaks() {
	free := plotLeft
	for i, broken := range s.axis.breaks {
		if !broken {
			continue
		}
		from, to := s.axis.x[i], s.axis.x[i+1]
		middle, half := (from+to)/2, min(5, (to-from)/4)
		long := s.axis.at[i+1].Sub(s.axis.at[i])
		s.line(`<g class="break"><title>%s</title>`, picture.Escape(inWords(long)+" in which nothing begins or ends"))
		left, right := zigzag(middle-half, s.top, s.bottom), zigzag(middle+half, s.top, s.bottom)
		s.line(`<path class="tear" fill="none" d="M%sL%sZ"/>`, left.down(), right.up())
		s.stroke("rip", "M"+left.down()+"M"+right.down())
		s.line(`<path class="tear" fill="none" d="M%s %sl4 -8h%sl-4 8z"/>`, num(middle-half-2), num(axisLine+4), num(2*half))
		s.stroke("rip", fmt.Sprintf("M%s %sl4 -8m%s 0l-4 8", num(middle-half-2), num(axisLine+4), num(2*half)))
		text := inRoundWords(long)
		if w := width(text); middle-w/2 >= free && middle+w/2 <= pictureWidth-edge {
			s.text("gap", middle-w/2, axisLine+14, text)
			free = middle + w/2 + tickGap
		}
		s.line(`</g>`)
	}
}

// num returns a number with at most one digit after the point.
func num(f float64) string { return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64) }

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
