package chart

import "fmt"

// cell is the side of a day's square, in pixels.
const cell = 16

// glyphs are the paths of the outcomes' signs in a cell, from its upper left corner. They are paths
// because a viewer's font may lack a character.
var glyphs = [len(looks)]string{
	Succeeded:        "m4.3 8.4l2.6 2.6l4.8 -5.6",
	Open:             "m4.5 8v.01m3.5 0v.01m3.5 0v.01",
	WaitingForPerson: "m6 5.5a2 2 0 1 0 4 0a2 2 0 1 0 -4 0m-2 7c0 -4.4 8 -4.4 8 0",
	Cancelled:        "m4.5 8h7",
	WaitingForRepair: "m8 3.8v5m0 3.2v.01",
	Failed:           "m5 5l6 6m0 -6l-6 6",
	Uncertain:        "m5.6 6.1a2.4 2.4 0 1 1 3.7 2c-.9 .55 -1.3 .9 -1.3 1.6m0 2.5v.01",
}

// square draws an outcome in a cell.
func (d *drawing) square(o Outcome, x, y int) {
	d.line(`<rect x="%d.5" y="%d.5" width="%d" height="%d" rx="3"/>`, x, y, cell-1, cell-1)
	if glyphs[o] != "" {
		d.line(`<path d="%s"/>`, fmt.Sprintf("M%d %d%s", x, y, glyphs[o]))
	}
}
