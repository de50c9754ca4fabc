package definition

import "bytes"

// MaxSize is the size of the largest definition that is read, in bytes.
const MaxSize = maxBytes

// Detect reports whether a YAML file is probably a definition: it has `workflow` or `steps` at the
// top level, or it has nothing else there. Callers use it to find the definitions among the files
// of a folder.
func Detect(source []byte) bool {
	other := false // the top level contains another line
	for line := range bytes.Lines(source) {
		key, _, isKey := bytes.Cut(line, []byte(":"))
		switch {
		case len(bytes.TrimSpace(line)) == 0, line[0] == '#', line[0] == ' ', line[0] == '-' && bytes.HasPrefix(line, []byte("---")):
			continue
		case isKey && (string(bytes.TrimSpace(key)) == "workflow" || string(bytes.TrimSpace(key)) == "steps"):
			return true
		}
		other = true
	}
	return !other
}
