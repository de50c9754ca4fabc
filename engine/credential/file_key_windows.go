package credential

import (
	"io/fs"
	"os"
)

func openPlain(path string) (*os.File, error) { return os.Open(path) }

// ownAlone allows every file: who may read it is in lists that are not looked at here.
func ownAlone(string, fs.FileInfo) error { return nil }
