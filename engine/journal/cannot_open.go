package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// explained returns why SQLite cannot open a database, which SQLite itself does not say. It returns any
// other error as it is. It does not open the database: to close it again would end the locks that
// another connection of this process has on it.
func explained(err error, file string) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok || e.Code()&0xff != sqlite3.SQLITE_CANTOPEN {
		return err
	}
	info, reason := os.Stat(file)
	switch {
	case reason != nil && !errors.Is(reason, fs.ErrNotExist):
		return reason
	case reason == nil && !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a file", filepath.Base(file))
	}
	made, reason := os.CreateTemp(filepath.Dir(file), "writable-*")
	if reason != nil {
		return reason
	}
	_, _ = made.Close(), os.Remove(made.Name())
	if info == nil {
		return err
	}
	return fmt.Errorf("%s, whose mode is %v, may not be read and written by this user", filepath.Base(file), info.Mode())
}
