package chart

const legendLine = 22 // from one line of the legend to the next

// legend draws the outcomes that occur, with their words, in lines of a width. It returns where the
// next line would be.
func (d *drawing) legend(t Tally, left, right, y int) int {
	x := left
	for o := Uncertain; o > NoRuns; o-- {
		if t.Counts[o] == 0 {
			continue
		}
		room := cell + 6 + width(o.Word()) + 12
		if x > left && x+room > right {
			x, y = left, y+legendLine
		}
		d.line(`<g class="%s">`, o.Class())
		d.square(o, x, y)
		d.line(`<text x="%d" y="%d">%s</text>`, x+cell+6, y+12, escape(o.Word()))
		d.line(`</g>`)
		x += room
	}
	return y + legendLine
}
