package definition

import (
	"slices"
	"strings"

	"errand/engine/diag"
	"errand/engine/pattern"
)

// keyOfLine matches the key before the value on a line.
var keyOfLine = pattern.New(`([A-Za-z_]+):[ \t]+$`)

// needsMapping reports whether the value of a key is a mapping, in a step or elsewhere.
func needsMapping(key string) bool {
	if slices.Contains([]string{"inputs", "credentials", "defaults", "outputs", "items"}, key) {
		return true
	}
	k, ok := StepKey(key)
	return ok && slices.Contains([]ValueSpec{ArgumentsValue, RetryValue, MappingValue, BranchesValue}, k.Value)
}

// keyOnKeyLine reports a mapping that starts on the line of its key: `with: ticket: 100`. colon is
// the offset of the second colon in the value. The fix moves the mapping to the next line.
func (l *faultyLine) keyOnKeyLine(colon int) *diag.Problem {
	match := keyOfLine.Regexp().FindStringSubmatchIndex(l.text[:l.value])
	value := l.content()
	if match == nil || !needsMapping(l.text[match[2]:match[3]]) || !word.MatchString(value[:colon]) {
		return nil
	}
	key := l.text[match[2]:match[3]]
	p := problem(l.place(l.value, l.value+colon+1), "move it to the next line, indented below "+key+":", "a key cannot start on the line of %q", key)
	if rest := strings.TrimSpace(value[colon+1:]); rest != "" && !colonEnds(rest) {
		p.Fix = &diag.Fix{
			Title: "write it on the next line", Range: l.place(match[3]+1, l.value),
			Text: "\n" + strings.Repeat(" ", l.indentBelow(match[2])),
		}
	}
	return p
}

// indentBelow returns the indentation of the keys below a key in a column of this line: that of the
// next line if it is deeper, or two more.
func (l *faultyLine) indentBelow(column int) int {
	for number := l.number + 1; number <= l.lines(); number++ {
		text, _ := l.line(number)
		trimmed := strings.TrimLeft(text, " ")
		if trimmed == "" || trimmed[0] == '#' {
			continue
		}
		if indent := len(text) - len(trimmed); indent > column {
			return indent
		}
		break
	}
	return column + 2
}
