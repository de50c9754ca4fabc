package cmd

import (
	"time"

	"errand/engine"
	"errand/engine/program"
)

// A progress shows a run while it runs.
type progress interface {
	event(engine.Event)
	note(text string)
	end() // nothing is shown after it
}

// The smallest window that has room for a list.
const (
	leastWidth  = 30
	leastHeight = 6
)

// newProgress returns a list that is redrawn if standard error is a real terminal; otherwise it
// prints one line for each event. p is nil if the program is not known. now is the clock of the run.
func newProgress(t *terminal, p *program.Program, r engine.Request, now func() time.Time) progress {
	if p == nil || !isTerminal(t.stderr) || t.getenv("TERM") == "dumb" {
		return newFollowing(t.stderr, p)
	}
	window := func() (width, height int) { return size(t.stderr) }
	if width, height := window(); width < leastWidth || height < leastHeight {
		return newFollowing(t.stderr, p)
	}
	l := newLive(liveFrame{w: raw(t.stderr), size: window, color: t.colors(t.stderr)}, p, r, now)
	l.keepDrawing()
	return l
}
