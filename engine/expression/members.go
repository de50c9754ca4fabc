package expression

import (
	"strconv"
	"strings"
)

// Members splits a path into its members, the root first. The path is one that Paths returns: the
// members of `steps.note["a b"].c` are steps, note, a b and c.
func Members(path string) []string {
	var members []string
	for path != "" {
		if quoted, ok := strings.CutPrefix(path, "["); ok {
			text, err := strconv.QuotedPrefix(quoted)
			if err != nil {
				return append(members, path) // extend made no such path
			}
			name, _ := strconv.Unquote(text) // it was quoted
			members, path = append(members, name), strings.TrimPrefix(quoted[len(text):], "]")
		} else {
			end := strings.IndexAny(path, ".[")
			if end < 0 {
				end = len(path)
			}
			members, path = append(members, path[:end]), path[end:]
		}
		path = strings.TrimPrefix(path, ".")
	}
	return members
}
