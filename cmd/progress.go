package cmd

import (
	"errand/engine"
	"errand/engine/program"
)

// A progress shows a run while it runs.
type progress interface {
	event(engine.Event)
	note(text string)
}

// newProgress returns a list that is redrawn if standard error is a real terminal; otherwise it
// prints one line for each event. p is nil if the program is not known.
func newProgress(t *terminal, p *program.Program, r engine.Request) progress {
	if p != nil && isTerminal(t.stderr) && t.getenv("TERM") != "dumb" {
		if _, height := size(t.stderr); len(p.Steps)+4 < height {
			return newLive(raw(t.stderr), p, r, t.colors(t.stderr))
		}
	}
	return newPlain(t.stderr, p)
}
