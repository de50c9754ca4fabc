package credential

import (
	"os"
	"time"
)

// rename retries for half a second: Windows refuses to replace a file that a process is reading.
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

// syncFolder does nothing: Windows cannot flush a folder, and keeps renames in its own journal.
func syncFolder(string) error { return nil }
