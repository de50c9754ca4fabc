//go:build unix

package cmd

import (
	"io/fs"
	"os"
	"syscall"
)

// own gives a file the owner of another. If only root could do so, the file belongs to the user, as
// after any editor, and gets the other's group if the user is in it.
func own(made *os.File, as fs.FileInfo) error {
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
