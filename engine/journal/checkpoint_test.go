package journal_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// The log is copied into the database beside the commits, and used again from its beginning.
func TestTheLogIsCopied(t *testing.T) {
	home := t.TempDir()
	j := open(t, home)
	size := func(name string) int64 {
		info, err := os.Stat(filepath.Join(home, name))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	for i := range 1000 {
		commit(t, j, begin(fmt.Sprintf("run%d", i)))
	}
	for deadline := time.Now().Add(30 * time.Second); size("journal.db") < 100<<10; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the database has %d bytes, and the log %d", size("journal.db"), size("journal.db-wal"))
		}
	}
	for i := range 10_000 {
		commit(t, j, begin(fmt.Sprintf("later%d", i)))
	}
	if log := size("journal.db-wal"); log > 60<<20 {
		t.Errorf("the log has %d bytes", log)
	}
	t.Logf("the database has %d bytes, and the log %d", size("journal.db"), size("journal.db-wal"))
}
