package credential

import (
	"io/fs"
	"os"
)

func openPlain(path string) (*os.File, error) { return os.Open(path) }

// ownAlone allows every file: on Windows, access control lists say who can read it, and Errand does
// not read them.
func ownAlone(string, fs.FileInfo) error { return nil }
