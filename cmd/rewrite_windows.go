package cmd

import (
	"io/fs"
	"os"
)

// own gives a file the owner of another, which Windows does by the folder that both are in.
func own(*os.File, fs.FileInfo) error { return nil }
