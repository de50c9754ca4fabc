package journal_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"errand/engine/journal"
)

// A living session whose file was removed is alive, for as long as its process is.
func TestASignOfLifeIsMissing(t *testing.T) {
	for _, gone := range []string{"the file", "the folder", "emptied"} {
		t.Run(gone, func(t *testing.T) {
			home := t.TempDir()
			j := open(t, home)
			other := playing(t, "join", home)
			id := other.line()
			sessions := filepath.Join(home, "sessions")
			switch gone {
			case "emptied":
				remove(t, sessions)
				if err := os.Mkdir(sessions, 0o700); err != nil {
					t.Fatal(err)
				}
			case "the folder":
				remove(t, sessions)
			default:
				remove(t, filepath.Join(sessions, id+".lock"))
			}
			for range 2 {
				if about, alive := j.Alive(id); !alive || about == "" {
					t.Fatalf("the session is %q, %t", about, alive)
				}
				s, err := j.Join("the next")
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Close(); err != nil { // it must not release the other's sign
					t.Fatal(err)
				}
			}
			other.kill()
			if _, alive := j.Alive(id); alive && runtime.GOOS == "linux" {
				t.Error("it is alive after its process was killed")
			}
		})
	}
}

// Each file without which commits are lost, or copies are not noticed, is missed by the process
// that has it open.
func TestAFileIsGone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a file that is open cannot be removed there")
	}
	for _, name := range []string{"journal.db", "journal.db-wal", "journal.db-shm", "home.id"} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			j := open(t, home)
			commit(t, j, begin("a"))
			remove(t, filepath.Join(home, name))
			err := j.Commit(t.Context(), next("a", 1))
			gone, ok := errors.AsType[*journal.GoneError](err)
			if !ok || gone.File != name || !errors.Is(err, journal.ErrGone) {
				t.Errorf("the error is %v", err)
			}
			if _, err := os.Stat(filepath.Join(home, name)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the file is there again: %v", err)
			}
		})
	}
}
