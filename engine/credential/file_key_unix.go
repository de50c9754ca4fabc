//go:build unix

package credential

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// ownAlone returns an error if another user owns the file or can access it.
func ownAlone(path string, info fs.FileInfo) error {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && int(stat.Uid) != os.Geteuid() {
		return &accessError{"belongs to another user", "run errand as that user, or use a key of your own"}
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return &accessError{fmt.Sprintf("is accessible to other users: its mode is %04o", mode), "chmod 600 " + path}
	}
	return nil
}
