package chart

import "errand/engine/picture"

const (
	legendLine   = 22 // from one line to the next
	legendColumn = 152
)

// legend draws the outcomes that occur, with their words, in two columns, which fit into a narrow
// screen. It returns where the next line would be.
func (d *drawing) legend(t Tally, y int) int {
	drawn := 0
	for o := Uncertain; o > NoRuns; o-- {
		if t.Counts[o] == 0 {
			continue
		}
		x, line := border+drawn%2*legendColumn, y+drawn/2*legendLine
		d.line(`<g class="%s">`, o.Class())
		d.square(o, x, line)
		d.line(`<text x="%d" y="%d">%s</text>`, x+cell+6, line+12, picture.Escape(o.Word()))
		d.line(`</g>`)
		drawn++
	}
	return y + (drawn+1)/2*legendLine
}
