package credential

import (
	"os"
	"time"
)

// rename tries again for a moment: Windows refuses while somebody reads the old file.
func rename(from, to string) error {
	err := os.Rename(from, to)
	for range 50 {
		if err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
		err = os.Rename(from, to)
	}
	return err
}

// syncFolder does nothing: Windows has no such thing, and keeps a rename in its own journal.
func syncFolder(string) error { return nil }
