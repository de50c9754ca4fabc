package diag

import (
	"bytes"

	"github.com/rogpeppe/go-internal/diff"
)

// Diff returns the difference between two texts in the unified format, which patch and git apply
// read. It returns "" if the texts are equal. The two names appear in the first two lines.
func Diff(oldName, newName string, before, after []byte) string {
	// The library also writes a first line "diff OLD NEW", which is not part of the format.
	_, text, _ := bytes.Cut(diff.Diff(oldName, before, newName, after), []byte("\n"))
	return string(text)
}
