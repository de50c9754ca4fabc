package definition

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
)

// An Allow is a comment that silences warnings: `# errand:allow RULE, RULE: why`. At the end of a line it is about that line, and on a line of
// its own about the next that is not a comment.
type Allow struct {
	Range diag.Range // of the comment, without what follows the rules
	Line  int        // that it is about
	Rules []Text
}

const allowMark = "errand:allow"

// allows finds the comments. What only looks like one, within a text, is part of that text.
func (r *reader) allows(root *yaml.Node) []Allow {
	if !strings.Contains(r.text, allowMark) {
		return nil
	}
	texts := r.scalars(nil, root)
	var all []Allow
	for n := 1; n <= r.lines(); n++ {
		line, start := r.line(n)
		for from := 0; ; {
			at := strings.Index(line[from:], allowMark)
			if at < 0 {
				break
			}
			at += from
			from = at + len(allowMark)
			before := strings.TrimRight(line[:at], " \t")
			code, isComment := strings.CutSuffix(before, "#")
			hash := start + len(code)
			switch {
			case !isComment, code != "" && !isSpace(code[len(code)-1]), strings.HasPrefix(strings.TrimSpace(code), "#"):
				continue
			case from < len(line) && strings.IndexByte(" \t,:", line[from]) < 0:
				continue
			case slices.ContainsFunc(texts, func(s stretch) bool { return s.from <= hash && hash < s.to }):
				continue
			}
			allow := r.allow(start+from, line[from:])
			allow.Range.Start, allow.Line = r.position(hash), n
			if strings.TrimSpace(code) == "" {
				allow.Line = r.nextLine(n)
			}
			all = append(all, allow)
		}
	}
	return all
}

// allow reads the rules, which a colon and a reason may follow.
func (r *reader) allow(start int, rest string) Allow {
	rest, _, _ = strings.Cut(rest, ":")
	a := Allow{Range: r.span(start, start+len(strings.TrimRight(rest, " \t")))}
	isBetween := func(c rune) bool { return c == ' ' || c == '\t' || c == ',' }
	for at := 0; at < len(rest); {
		word := strings.TrimLeftFunc(rest[at:], isBetween)
		at = len(rest) - len(word)
		if end := strings.IndexFunc(word, isBetween); end >= 0 {
			word = word[:end]
		}
		if word != "" {
			a.Rules = append(a.Rules, Text{Value: word, Range: r.span(start+at, start+at+len(word))})
		}
		at += len(word)
	}
	return a
}

// nextLine is the next line that holds more than a comment, or the last.
func (r *reader) nextLine(n int) int {
	for n++; n < r.lines(); n++ {
		line, _ := r.line(n)
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			break
		}
	}
	return n
}

// scalars collects where the scalars of a tree stand.
func (r *reader) scalars(all []stretch, n *yaml.Node) []stretch {
	if n.Kind == yaml.ScalarNode {
		_, end := r.textOf(n)
		return append(all, stretch{r.start(n), end})
	}
	for _, child := range n.Content {
		all = r.scalars(all, child)
	}
	return all
}
