package definition

import "bytes"

// MaxSize is the size of the largest definition that is read, in bytes.
const MaxSize = maxBytes

// Detect reports whether a YAML file is meant to be a definition: it has `workflow` or `steps` at
// its top level, or it has nothing there that says otherwise. A caller chooses among the files of a
// folder with it.
func Detect(source []byte) bool {
	other := false // something else is at the top level
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
