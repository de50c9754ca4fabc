//go:build unix

package plainfile

import (
	"os"
	"syscall"
)

func openAtOnce(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}
