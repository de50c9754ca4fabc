package program

import "errand/engine/diag"

// A crossing is where a value goes.
type crossing int

const (
	intoTask   crossing = iota // a task reads it: it gets durations as texts
	intoInput                  // expressions of a called workflow read it as the type of their input
	intoReader                 // expressions read it as the type that is known here: an output, or the item of a loop
)

// crosses compiles something that goes elsewhere than into a task.
func (c *compiler) crosses(where crossing, compile func()) {
	defer func(before crossing) { c.crossing = before }(c.crossing)
	c.crossing = where
	compile()
}

// hiddenDuration reports a duration that another expression would read as a text.
func (c *compiler) hiddenDuration(at diag.Range, what, help string) {
	c.report(diag.Problem{
		Rule: "wrong-type", Range: at, Label: "is or holds a duration",
		Message: "`" + what + "` has no type, so a duration would arrive in it as a text, which is equal to no duration",
		Help:    help,
	})
}
