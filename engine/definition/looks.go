package definition

import "bytes"

// MaxSize is the size of the largest definition that is read, in bytes.
const MaxSize = maxBytes

// Looks tells whether a YAML file is meant to be a definition: it has `workflow` or `steps` at its top, or cannot be told from one
// that is broken. It is for choosing among the files of a folder.
func Looks(source []byte) bool {
	plain := false // something stands at the top, and it is neither
	for line := range bytes.Lines(source) {
		key, _, isKey := bytes.Cut(line, []byte(":"))
		switch {
		case len(bytes.TrimSpace(line)) == 0, line[0] == '#', line[0] == ' ', line[0] == '-' && bytes.HasPrefix(line, []byte("---")):
			continue
		case isKey && (string(bytes.TrimSpace(key)) == "workflow" || string(bytes.TrimSpace(key)) == "steps"):
			return true
		}
		plain = true
	}
	return !plain
}
