//go:build !linux

package journal

import (
	"errors"
	"os"
)

// identifyFile returns no identity: see fileIdentity.
func identifyFile(*os.File) fileIdentity { return fileIdentity{} }

// lockByte is not supported: a session has one sign of life here, its own file.
func lockByte(*os.File, int64) error { return errors.ErrUnsupported }

// isByteLocked reports that the system cannot say.
func isByteLocked(*os.File, int64) (locked, known bool) { return false, false }
