package credential

import "io/fs"

// ownAlone allows every file: on Windows, access control lists say who can read it, and Errand does
// not read them.
func ownAlone(string, fs.FileInfo) error { return nil }
