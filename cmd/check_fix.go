package cmd

import (
	"fmt"
	"io"
	"strings"

	"errand/engine/diag"
	"errand/engine/library"
)

// A mending is a definition together with the fixes that were made to it.
type mending struct {
	library.Source
	diag.Mended
}

// mend makes the fixes that are certain. It returns the problems that remain; with --dry-run, the
// problems of the unchanged text.
func (k *checking) mend(src library.Source, check func([]byte) []diag.Problem) []diag.Problem {
	m := &mending{Source: src, Mended: diag.Mend(src.Text, check)}
	if len(m.Made) == 0 {
		return m.Left
	}
	k.mended = append(k.mended, m)
	if k.dryRun {
		return check(src.Text)
	}
	return m.Left
}

// write writes the fixed files, and shows the changes. It tries all files. If a file cannot be
// written, its problems are those before the fixes; the last such error is returned.
func (k *checking) write() (fault error) {
	for _, m := range k.mended {
		if k.dryRun {
			k.show(m)
			fmt.Fprintf(k.stderr, "%s: %s to be made\n", m.File, fixes(len(m.Made)))
			continue
		}
		if err := rewrite(m.File, m.Source.Text, m.Mended.Text); err != nil {
			fault = usage("cannot write %s: %v", m.File, err)
			fmt.Fprintf(k.stderr, "%s: no fix was made\n", m.File)
			k.restore(m)
			continue
		}
		k.texts[m.File] = m.Mended.Text
		k.show(m)
		fmt.Fprintf(k.stderr, "%s: %s made\n", m.File, fixes(len(m.Made)))
	}
	return fault
}

// restore replaces the problems of the fixed text by those of the original text.
func (k *checking) restore(m *mending) {
	var all []diag.Problem
	for _, p := range k.problems {
		if p.Range.File != m.File {
			all = append(all, p)
		}
	}
	k.problems = append(all, k.checkOf(m.Source)(m.Source.Text)...)
}

// show shows the changes, on standard output unless standard output is JSON or SARIF.
func (k *checking) show(m *mending) {
	to := k.stdout
	if k.format != formatText {
		to = k.stderr
	}
	name := strings.TrimPrefix(m.File, "/")
	k.difference(to, diag.Diff("a/"+name, "b/"+name, m.Source.Text, m.Mended.Text))
}

// difference writes a difference: on a real terminal with colours and without control characters;
// otherwise unchanged, so that patch can apply it.
func (t *terminal) difference(to io.Writer, difference string) {
	to = raw(to)
	if !isTerminal(to) {
		fmt.Fprint(to, difference)
		return
	}
	const red, green, cyan, bold, plain = "\x1b[31m", "\x1b[32m", "\x1b[36m", "\x1b[1m", "\x1b[0m"
	for line := range strings.Lines(difference) {
		line = diag.Printable(strings.TrimRight(line, "\r\n"))
		color := ""
		switch {
		case !t.colors(to):
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
