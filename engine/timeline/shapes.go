package timeline

import (
	"errand/engine/picture"

	"fmt"
	"slices"
	"strings"

	"errand/engine"
)

// barHeight is the height of the highest bars.
const barHeight = 12.0

// hasFlag reports whether a span has a deadline that is drawn.
func hasFlag(s Span) bool { return s.Kind == Question && !s.Until.IsZero() }

// drawRow draws a row with its label. y is its top.
func (s *svg) drawRow(r *Row, y float64) {
	s.stroke("lane", fmt.Sprintf("M%s %sH%s", num(edge), num(y+rowHeight), num(plotRight)))
	x := edge + indent*float64(min(max(r.Depth, 0), deepest))
	middle := y + rowHeight/2
	s.line(`<g class="row"><title>%s</title>`, picture.Escape(titleOf(r)))
	if r.Key != "" {
		s.sign(r.State, x, middle)
	}
	s.text("label", x+16, middle+4, fit(r.Label, labelRight-x-16))
	s.line(`</g>`)
	if r.State == engine.StepSkipped && len(r.Spans) == 0 {
		at := min(s.axis.place(r.Began), plotRight-8)
		s.stroke("sign skipped", fmt.Sprintf("M%s %sh8", num(at), num(middle)))
	}
	for _, span := range r.Spans {
		s.drawSpan(span, middle)
	}
}

// titleOf returns what a viewer shows for a label.
func titleOf(r *Row) string {
	text := r.Label
	if r.In != "" {
		text += ", in " + r.In
	}
	switch {
	case r.Words != "":
		text += "; " + r.Words
	case r.State != "":
		text += "; " + string(r.State)
	}
	if r.MoreSpans > 0 {
		text += fmt.Sprintf("; %s in the middle not shown", count(r.MoreSpans, "span"))
	}
	return text
}

// drawSpan draws a span around a height.
func (s *svg) drawSpan(span Span, middle float64) {
	from, to := s.axis.place(span.From), s.axis.place(span.To)
	if to-from < 2 {
		to = min(from+2, plotRight)
		from = to - 2
	}
	class := "span " + string(span.Kind)
	switch span.Outcome {
	case Failed, Cancelled:
		class += " " + string(span.Outcome)
	case CutOff:
		class += " cut"
	}
	s.line(`<g class="%s"><title>%s</title>`, class, picture.Escape(span.Words))
	s.shape(span.Kind, span.Outcome == CutOff, from, to, middle)
	if span.Open {
		s.stroke("open", fmt.Sprintf("M%s %sl3 4l-3 4", num(to), num(middle-4)))
	}
	if hasFlag(span) && (span.Open || !span.Until.After(s.t.End)) {
		s.flag(min(s.axis.place(span.Until), plotRight), middle)
	}
	if span.Outcome == Failed && span.Kind != Group {
		s.knob(min(max(to, plotLeft+5), plotRight), middle)
	}
	s.line(`</g>`)
}

// flag draws a deadline.
func (s *svg) flag(x, middle float64) {
	s.line(`<path class="flag" d="M%s %sv-18l-7 3.5l7 3.5"/>`, num(x), num(middle+9))
}

// knob draws a failure.
func (s *svg) knob(x, middle float64) {
	s.line(`<circle class="knob" cx="%s" cy="%s" r="5"/>`, num(x), num(middle))
	s.stroke("cross", fmt.Sprintf("M%s %sl5 5m-5 0l5 -5", num(x-2.5), num(middle-2.5)))
}

// shape draws the bar of a kind. Kinds differ in their form, not only in their colour.
func (s *svg) shape(kind Kind, hollow bool, from, to, middle float64) {
	rect := func(class string, height, round float64, attributes string) {
		round = min(round, (to-from)/2)
		s.line(`<rect class="%s" x="%s" y="%s" width="%s" height="%s" rx="%s"%s/>`, class, num(from), num(middle-height/2), num(to-from), num(height), num(round), attributes)
	}
	const outline = ` fill="none" stroke="currentColor"`
	line := func(y, height float64) { // with ends
		h := num(height)
		s.stroke("line", fmt.Sprintf("M%s %sV%s", num(from), num(y-height/2), num(y+height/2))+fmt.Sprintf("m0 -%sH%s", num(height/2), num(to))+fmt.Sprintf("m0 -%sv%s", num(height/2), h))
	}
	switch kind {
	case Attempt:
		if hollow {
			rect("dashed", barHeight-1, 2, outline)
		} else {
			rect("solid", barHeight, 2, "")
		}
	case Poll: // upright strokes, one beside the other
		rect("box", barHeight, 1, outline)
		s.hatch(from, to, middle, 5, 0)
	case Wait:
		line(middle, 8)
	case RetryWait:
		s.stroke("dashed", fmt.Sprintf("M%s %sH%s", num(from), num(middle), num(to)))
	case EvidenceWait:
		rect("box", barHeight-4, 4, outline)
		s.stroke("dotted", fmt.Sprintf("M%s %sH%s", num(from), num(middle), num(to)))
	case Question: // slanting strokes
		rect("box", barHeight, 6, outline)
		s.hatch(from, to, middle, 7, 6)
	case Turn:
		s.stroke("line", fmt.Sprintf("M%s %sH%sm0 5H%s", num(from), num(middle-2.5), num(to), num(from)))
	case Trouble:
		rect("box", barHeight, 0, outline)
		s.hatch(from, to, middle, 8, 8)
		s.hatch(from, to, middle, 8, -8)
	case Group: // a bracket
		s.stroke("line", fmt.Sprintf("M%s %sv-5H%sv5", num(from), num(middle+3), num(to)))
	}
}

// hatch draws strokes inside a bar, each moved by slant pixels from its bottom to its top.
func (s *svg) hatch(from, to, middle, distance, slant float64) {
	const half = barHeight/2 - 2
	var d strings.Builder
	for x := from + distance/2 + max(0, -slant); x+max(0, slant) < to-1; x += distance {
		fmt.Fprintf(&d, "M%s %sL%s %s", num(x), num(middle+half), num(x+slant), num(middle-half))
	}
	if d.Len() > 0 {
		s.stroke("hatch", d.String())
	}
}

// sign draws the state of a step in a square of 10 pixels.
func (s *svg) sign(state engine.StepStatus, x, middle float64) {
	at := fmt.Sprintf("M%s %s", num(x), num(middle-5))
	switch state {
	case engine.StepSucceeded:
		s.stroke("sign done", at+"m1 5l3 3l5 -6")
	case engine.StepFailed:
		s.stroke("sign failed", at+"m1.5 1.5l7 7m-7 0l7 -7")
	case engine.StepSkipped:
		s.stroke("sign skipped", at+"m1 5h8")
	case engine.StepUncertain, engine.StepWaiting:
		s.stroke("sign asks", at+"m2 3a3 3 0 1 1 4.5 2.5q-1.5 1 -1.5 2m0 2.2v.6")
	case engine.StepCancelled:
		s.stroke("sign cancelled", at+"m1.5 1.5h7v7h-7z")
	case engine.StepRunning:
		s.stroke("sign runs", at+"m2 1l6 4l-6 4z")
	default:
		s.stroke("sign", at+"m4 5h2")
	}
}

// A zig is the corners of a zigzag, from top to bottom.
type zig []string

const (
	tooth      = 7.0
	mostTeeth  = 800
	toothDepth = 2.5
)

func zigzag(x, top, bottom float64) zig {
	var z zig
	for i, y := 0, top; y < bottom && i < mostTeeth; i, y = i+1, y+tooth {
		side := toothDepth
		if i%2 == 0 {
			side = -toothDepth
		}
		z = append(z, num(x+side)+" "+num(y))
	}
	return append(z, num(x)+" "+num(bottom))
}

func (z zig) down() string { return strings.Join(z, "L") }

func (z zig) up() string {
	back := slices.Clone(z)
	slices.Reverse(back)
	return back.down()
}
