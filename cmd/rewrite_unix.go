//go:build unix

package cmd

import (
	"io/fs"
	"os"
	"syscall"
)

// own gives a file the owner of another. Where only root might do so, the file is its maker's, as after any editor, and keeps its group
// where its maker is in it.
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
