//go:build unix

package cmd

import (
	"io/fs"
	"os"
	"syscall"
)

// copyOwner gives a file the owner of another file. If the user is not root, the file belongs to
// the user, as with any editor, and gets the group of the other file if the user is in it.
func copyOwner(made *os.File, as fs.FileInfo) error {
	owner, ok := as.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	if os.Geteuid() != 0 {
		_ = made.Chown(-1, int(owner.Gid))
		return nil
	}
	return made.Chown(int(owner.Uid), int(owner.Gid))
}
