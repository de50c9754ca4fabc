package definition

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"errand/engine/diag"
)

// An Allow is a comment that silences warnings: `# errand:allow RULE, RULE: why`. A comment at the
// end of a line applies to that line. A comment on a line by itself applies to the next line that
// is not a comment.
type Allow struct {
	Range diag.Range // the comment, up to the last rule
	Line  int        // the line that the comment applies to
	Rules []Text
}

const allowMark = "errand:allow"

// allows finds the comments that silence warnings. It ignores the same words inside a YAML scalar:
// they are part of the value.
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
			case slices.ContainsFunc(texts, func(s byteRange) bool { return s.from <= hash && hash < s.to }):
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

// allow reads the names of the rules. A colon and a reason may follow them.
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

// nextLine returns the number of the next line that contains more than a comment, or of the last
// line.
func (r *reader) nextLine(n int) int {
	for n++; n < r.lines(); n++ {
		line, _ := r.line(n)
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			break
		}
	}
	return n
}

// scalars appends the source range of each scalar of a tree.
func (r *reader) scalars(all []byteRange, n *yaml.Node) []byteRange {
	if n.Kind == yaml.ScalarNode {
		_, end := r.textOf(n)
		return append(all, byteRange{r.start(n), end})
	}
	for _, child := range n.Content {
		all = r.scalars(all, child)
	}
	return all
}
