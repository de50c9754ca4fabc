package expression

import "strings"

// commentProblem returns a problem if a source has a comment. The parser would leave it out, so that
// `n // 2` would be n. It leaves alone what stands in quotes.
func commentProblem(source string) *Problem {
	for i := 0; i < len(source); i++ {
		switch rest := source[i:]; {
		case strings.IndexByte("'\"`", source[i]) >= 0:
			i = skipQuoted(source, i)
		case strings.HasPrefix(rest, "//"):
			return &Problem{From: i, To: i + 2, Rule: RuleSyntax, Message: `"//" is not an operator`, Label: "not an operator"}
		case strings.HasPrefix(rest, "/*"):
			to := len(source)
			if end := strings.Index(rest[2:], "*/"); end >= 0 {
				to = i + 2 + end + 2
			}
			return &Problem{From: i, To: to, Rule: RuleSyntax, Message: "an expression has no comments", Label: "a comment", Help: "remove it, or write it on a line of its own that begins with #"}
		}
	}
	return nil
}
