package journal_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"errand/engine/journal"
)

// A journal that cannot be opened says why.
func TestCannotOpen(t *testing.T) {
	for _, c := range []struct {
		name, want string
		prepare    func(home string) error
		root       bool // root is allowed to do it all the same
	}{
		{"a folder in its place", "journal.db is not a file", func(home string) error { return os.Mkdir(filepath.Join(home, "journal.db"), 0o700) }, false},
		{"a folder of somebody else", "permission denied", func(home string) error { return os.Chmod(home, 0) }, true},
		{"a folder that is read-only", "permission denied", func(home string) error { return os.Chmod(home, 0o500) }, true},
		{"a file of somebody else", "journal.db, whose mode is ----------, may not be read and written by this user", func(home string) error {
			return os.WriteFile(filepath.Join(home, "journal.db"), nil, 0)
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.root && os.Geteuid() <= 0 {
				t.Skip("this user may open everything, or the system has no such modes")
			}
			home := t.TempDir()
			if err := c.prepare(home); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = os.Chmod(home, 0o700) }()
			if _, err := journal.Open(t.Context(), home); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want %s", err, c.want)
			}
		})
	}
}
