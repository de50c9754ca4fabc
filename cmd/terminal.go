package cmd

import (
	"os"

	"golang.org/x/term"
)

// isTerminal tells whether a stream of the command is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// colors tells whether a stream may be coloured: a terminal, unless NO_COLOR is set (https://no-color.org) or it is a dumb one.
func (c *Command) colors(stream any) bool {
	return isTerminal(stream) && c.Getenv("NO_COLOR") == "" && c.Getenv("TERM") != "dumb"
}

// size is a terminal's width and height in cells; 120 by 24 where it is none, or does not say.
func size(stream any) (width, height int) {
	if f, ok := stream.(*os.File); ok {
		if w, h, err := term.GetSize(int(f.Fd())); err == nil && w > 0 && h > 0 {
			return w, h
		}
	}
	return 120, 24
}
