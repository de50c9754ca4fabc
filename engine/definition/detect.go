package definition

import "bytes"

// MaxSize is the size of the largest definition that is read, in bytes.
const MaxSize = maxBytes

// Detect reports whether a YAML file is probably a definition: it has `workflow` or `steps` at the
// top level, or it has nothing else there. Callers use it to find the definitions among the files
// of a folder.
func Detect(source []byte) bool {
	found, other := topLevel(source)
	return found || !other
}

// DetectIntake reports whether a file is an intake file: its name says so (IsIntake), and its text
// is not that of a definition, which has had the right to any name since before there was intake.
func DetectIntake(file string, source []byte) bool {
	if !IsIntake(file) {
		return false
	}
	found, _ := topLevel(source)
	return !found
}

// topLevel reports whether the top level of a text has a key of a definition, and whether it has
// another line.
func topLevel(source []byte) (found, other bool) {
	for line := range bytes.Lines(source) {
		key, _, isKey := bytes.Cut(line, []byte(":"))
		switch {
		case len(bytes.TrimSpace(line)) == 0, line[0] == '#', line[0] == ' ', line[0] == '-' && bytes.HasPrefix(line, []byte("---")):
			continue
		case isKey && (string(bytes.TrimSpace(key)) == "workflow" || string(bytes.TrimSpace(key)) == "steps"):
			return true, other
		}
		other = true
	}
	return false, other
}
