package cmd

import (
	"fmt"
	"io"
	"strings"

	"errand/engine/diag"
)

// A mending is a definition that fixes were made to.
type mending struct {
	source
	diag.Mended
}

// mend makes the fixes that are certain, and returns the problems that the file then has, or still has where it is not to be written.
func (k *checking) mend(src source, check func([]byte) []diag.Problem) []diag.Problem {
	m := &mending{source: src, Mended: diag.Mend(src.text, check)}
	if len(m.Made) == 0 {
		return m.Left
	}
	k.mended = append(k.mended, m)
	if k.dry {
		return check(src.text)
	}
	return m.Left
}

// write writes the files that fixes were made to, and shows what they changed. The last file that could not be written is the error, after
// all were tried; its problems are then as before.
func (k *checking) write() (fault error) {
	c := k.command
	for _, m := range k.mended {
		if k.dry {
			k.difference(m)
			fmt.Fprintf(c.Stderr, "%s: %s to be made\n", m.file, fixes(len(m.Made)))
			continue
		}
		if err := rewrite(m.file, m.text, m.Text); err != nil {
			fault = usage("%s cannot be written: %v", m.file, err)
			fmt.Fprintf(c.Stderr, "%s: no fix was made\n", m.file)
			k.restore(m)
			continue
		}
		k.texts[m.file] = m.Text
		k.difference(m)
		fmt.Fprintf(c.Stderr, "%s: %s made\n", m.file, fixes(len(m.Made)))
	}
	return fault
}

// restore puts the problems of the text as it was in the place of those that fixes left.
func (k *checking) restore(m *mending) {
	var all []diag.Problem
	for _, p := range k.problems {
		if p.Range.File != m.file {
			all = append(all, p)
		}
	}
	_, problems := k.command.loader(k.x, m.file, k.registry).Load(m.file, m.text)
	k.problems = append(all, problems...)
}

// difference shows what was changed: on standard output, unless that is for a document.
func (k *checking) difference(m *mending) {
	to := k.command.Stdout
	if k.format != formatText {
		to = k.command.Stderr
	}
	name := strings.TrimPrefix(m.file, "/")
	k.command.showDifference(to, diag.Diff("a/"+name, "b/"+name, m.text, m.Text))
}

// showDifference writes a difference: for a terminal in colours and without what it would obey, else byte by byte, so that it can be
// applied.
func (c *Command) showDifference(to io.Writer, difference string) {
	if !isTerminal(to) {
		fmt.Fprint(to, difference)
		return
	}
	const red, green, cyan, bold, plain = "\x1b[31m", "\x1b[32m", "\x1b[36m", "\x1b[1m", "\x1b[0m"
	for line := range strings.Lines(difference) {
		line = diag.Printable(strings.TrimRight(line, "\r\n"))
		color := ""
		switch {
		case !c.colors(to):
		case strings.HasPrefix(line, "---"), strings.HasPrefix(line, "+++"):
			color = bold
		case strings.HasPrefix(line, "@@"):
			color = cyan
		case strings.HasPrefix(line, "-"):
			color = red
		case strings.HasPrefix(line, "+"):
			color = green
		}
		if color != "" {
			line = color + line + plain
		}
		fmt.Fprintln(to, line)
	}
}

func fixes(n int) string {
	if n == 1 {
		return "1 fix"
	}
	return fmt.Sprintf("%d fixes", n)
}
