package cmd

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"errand/engine/schema"
)

// asks tells whether somebody can be asked: both ends of the conversation are a terminal.
func (c *Command) asks() bool { return isTerminal(c.Stdin) && isTerminal(c.Stderr) }

// askInput asks for an input until the answer fits.
func (c *Command) askInput(f schema.Field) (any, error) {
	what := f.Name
	if f.Description != "" {
		what += " (" + strings.TrimSuffix(f.Description, ".") + ")"
	}
	for {
		answer, err := c.ask(what, f.Type)
		if err != nil {
			return nil, err
		}
		value, err := f.Type.FromText(answer)
		if err == nil {
			return value, nil
		}
		fmt.Fprintln(c.Stderr, strings.Join(misfits(f.Name, err), "\n"))
	}
}

// ask reads one line.
func (c *Command) ask(what string, t schema.Type) (string, error) {
	fmt.Fprintf(c.Stderr, "%s: ", what)
	if c.lines == nil {
		c.lines = bufio.NewReader(c.Stdin)
	}
	line, err := c.lines.ReadString('\n')
	if err == io.EOF && line == "" {
		fmt.Fprintln(c.Stderr)
		return "", usage("there was no answer; %s is wanted", t.NotNull().Article())
	}
	if err != nil && err != io.EOF {
		return "", err
	}
	return strings.TrimSpace(line), nil
}

// askLine reads a line, which may be empty.
func (c *Command) askLine(what string) (string, error) {
	fmt.Fprintf(c.Stderr, "%s: ", what)
	if c.lines == nil {
		c.lines = bufio.NewReader(c.Stdin)
	}
	line, err := c.lines.ReadString('\n')
	if err != nil && (err != io.EOF || line == "") {
		return "", usage("there was no answer")
	}
	return strings.TrimSpace(line), nil
}
