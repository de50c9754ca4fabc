package definition

import (
	"bytes"
	"slices"
)

// MaxSize is the size of the largest definition that is read, in bytes.
const MaxSize = maxBytes

// Detect reports whether a YAML file is probably a definition: it has `workflow` or `steps` at the
// top level, or it has nothing else there. Callers use it to find the definitions among the files
// of a folder.
func Detect(source []byte) bool {
	found, other := atTheTop(source, "workflow", "steps")
	return found || !other
}

// DetectIntake reports whether a file is an intake file: its name says so (IsIntake), and its text
// is not that of a definition. A definition may have any name: runs can be pinned to an older one.
func DetectIntake(file string, source []byte) bool {
	if !IsIntake(file) {
		return false
	}
	rules, _ := atTheTop(source, "rules", "source")
	definition, _ := atTheTop(source, "workflow", "steps")
	return rules || !definition
}

// atTheTop reports whether the top level of a text has one of the keys, and whether it has another
// line before that.
func atTheTop(source []byte, keys ...string) (found, other bool) {
	for line := range bytes.Lines(source) {
		key, _, isKey := bytes.Cut(line, []byte(":"))
		switch {
		case len(bytes.TrimSpace(line)) == 0, line[0] == '#', line[0] == ' ', line[0] == '-' && bytes.HasPrefix(line, []byte("---")):
			continue
		case isKey && slices.Contains(keys, string(bytes.TrimSpace(key))):
			return true, other
		}
		other = true
	}
	return false, other
}
