package timeline

// A legend is a drawn legend.
type legend struct {
	svg
	height float64
}

const (
	sampleWidth  = 26.0
	legendLine   = 18.0
	legendLeft   = edge
	legendSpaced = 16.0
)

// legend draws what the kinds of spans in the picture look like. y is its top.
func (s *svg) legend(y float64) legend {
	l := legend{svg: svg{t: s.t}}
	used, failed, cut, flags := map[Kind]bool{}, false, false, false
	for _, r := range s.rows {
		for _, span := range r.Spans {
			used[span.Kind] = true
			failed = failed || span.Outcome == Failed && span.Kind != Group
			cut = cut || span.Outcome == CutOff
			flags = flags || hasFlag(span) && (span.Open || !span.Until.After(s.t.End))
		}
	}
	x, line := legendLeft, 0
	sample := func(class, means string, draw func(x, middle float64)) {
		w := sampleWidth + 5 + width(means)
		if x+w > pictureWidth-edge && x > legendLeft {
			x, line = legendLeft, line+1
		}
		middle := y + legendLine*float64(line) + legendLine/2
		l.line(`<g class="%s">`, class)
		draw(x, middle)
		l.line(`</g>`)
		l.text("key", x+sampleWidth+5, middle+4, means)
		x += w + legendSpaced
	}
	for _, k := range kinds {
		if used[k.kind] {
			sample("span "+string(k.kind), k.means, func(x, middle float64) { l.shape(k.kind, false, x, x+sampleWidth, middle) })
		}
	}
	if cut {
		sample("span attempt cut", "cut off, nobody knows when", func(x, middle float64) { l.shape(Attempt, true, x, x+sampleWidth, middle) })
	}
	if failed {
		sample("span attempt failed", "failed", func(x, middle float64) { l.knob(x+sampleWidth-8, middle) })
	}
	if flags {
		sample("span question", "deadline", func(x, middle float64) { l.flag(x+sampleWidth-4, middle) })
	}
	if x > legendLeft {
		l.height = legendLine * float64(line+1)
	}
	return l
}
