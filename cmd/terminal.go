package cmd

import (
	"bufio"
	"io"

	"golang.org/x/term"

	"errand/engine/diag"
)

// A terminal holds the streams, the environment and the users of a command line. The streams need
// not be a real terminal.
type terminal struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	users          Directory
	vocabulary     *vocabulary   // the words of an Edition; nil for errand
	home           []string      // what homeWords of the command returns; nil for other commands
	lines          *bufio.Reader // reads stdin; nil before the first question
}

// colors reports whether a stream may be coloured: it is a real terminal, the terminal is not dumb,
// and NO_COLOR is not set (https://no-color.org).
func (t *terminal) colors(stream any) bool {
	return isTerminal(stream) && t.getenv("NO_COLOR") == "" && t.getenv("TERM") != "dumb"
}

// problems prints the problems of one file on standard error.
func (t *terminal) problems(problems []diag.Problem, text []byte) error {
	if len(problems) == 0 {
		return nil
	}
	texts := func(string) []byte { return text }
	return diag.Render(raw(t.stderr), t.worded(problems), texts, diag.Style{Color: t.colors(t.stderr)})
}

// isTerminal reports whether a stream is a real terminal.
func isTerminal(stream any) bool {
	f, ok := fileOf(stream)
	return ok && term.IsTerminal(int(f.Fd()))
}

// size returns the width and the height of a terminal in cells. It returns 120 and 24 if the stream
// is not a terminal or the size is not known.
func size(stream any) (width, height int) {
	if f, ok := fileOf(stream); ok {
		if w, h, err := term.GetSize(int(f.Fd())); err == nil && w > 0 && h > 0 {
			return w, h
		}
	}
	return 120, 24
}
