package cmd

import (
	"io/fs"
	"os"
)

// own does nothing, because Windows derives the owner from the folder, which is the same for both
// files.
func own(*os.File, fs.FileInfo) error { return nil }
