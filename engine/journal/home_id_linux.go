package journal

import (
	"os"

	"golang.org/x/sys/unix"
)

// identifyFile returns the identity of an open file.
func identifyFile(f *os.File) fileIdentity {
	var s unix.Statx_t
	err := unix.Statx(int(f.Fd()), "", unix.AT_EMPTY_PATH, unix.STATX_INO|unix.STATX_BTIME, &s)
	if err != nil || s.Mask&unix.STATX_BTIME == 0 || s.Mask&unix.STATX_INO == 0 {
		return fileIdentity{}
	}
	return fileIdentity{inode: int64(s.Ino), born: s.Btime.Sec*1e9 + int64(s.Btime.Nsec)} //nolint:gosec // only compared
}

// lockByte locks one byte of an open file. The byte may be beyond the end. The lock belongs to the
// open file, not to the process, so that another use of the file in this process does not release
// it.
func lockByte(f *os.File, at int64) error {
	return unix.FcntlFlock(f.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: unix.F_WRLCK, Start: at, Len: 1})
}

// isByteLocked reports whether somebody else has locked a byte. known is false if the system cannot
// say.
func isByteLocked(f *os.File, at int64) (locked, known bool) {
	asked := unix.Flock_t{Type: unix.F_WRLCK, Start: at, Len: 1}
	if err := unix.FcntlFlock(f.Fd(), unix.F_OFD_GETLK, &asked); err != nil {
		return false, false
	}
	return asked.Type != unix.F_UNLCK, true
}
