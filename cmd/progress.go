package cmd

import (
	"errand/engine"
	"errand/engine/program"
)

// A progress shows a run while it goes on.
type progress interface {
	event(engine.Event)
	note(text string)
	close()
}

// progress chooses how: a list that is drawn anew on a terminal, else a line for each thing that happens. p is nil where the
// program is not known.
func (c *Command) progress(p *program.Program, r engine.Request) progress {
	if p != nil && isTerminal(c.Stderr) && c.Getenv("TERM") != "dumb" {
		if _, height := size(c.Stderr); len(p.Steps)+4 < height {
			return newLive(c.Stderr, p, r, c.colors(c.Stderr))
		}
	}
	return &plain{w: c.Stderr}
}
