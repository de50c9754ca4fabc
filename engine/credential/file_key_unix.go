//go:build unix

package credential

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// openPlain does not wait for a writer where the name is a pipe's.
func openPlain(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

// ownAlone refuses a file that is another user's, or that others may use.
func ownAlone(path string, info fs.FileInfo) error {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && int(stat.Uid) != os.Geteuid() {
		return &looseError{"belongs to another user", "run errand as that user, or take a key of your own"}
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return &looseError{fmt.Sprintf("may be used by others: its mode is %04o", mode), "chmod 600 " + path}
	}
	return nil
}
