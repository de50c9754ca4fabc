//go:build unix

package credential

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestPipeAsKeyFile(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "key")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	_, err := File{pipe}.Key(t.Context(), KeyQuery{}) // without waiting for a writer
	said[*KeyError](t, err, "is not a regular file", "")
}

func TestKeyFileOfAnotherUser(t *testing.T) {
	file := keyFile(t, 0o600, NewKey())
	if err := os.Chown(file, os.Geteuid()+1, -1); err != nil {
		t.Skip(err)
	}
	if os.Geteuid() != 0 {
		t.Skip("only root reads another's file at all")
	}
	_, err := File{file}.Key(t.Context(), KeyQuery{})
	said[*KeyError](t, err, "belongs to another user", "run errand as that user")
}

// A link in a folder that others can write to may lead anywhere, so its target is checked.
func TestALinkIsFollowedToWhatIsChecked(t *testing.T) {
	folder := t.TempDir()
	link := filepath.Join(folder, "link")
	k := NewKey()
	for _, c := range []struct {
		to   string
		good bool
	}{{keyFile(t, 0o600, k), true}, {keyFile(t, 0o640, k), false}} {
		_ = os.Remove(link)
		if err := os.Symlink(c.to, link); err != nil {
			t.Fatal(err)
		}
		if got, err := (File{link}).Key(t.Context(), KeyQuery{}); (err == nil) != c.good || c.good && got.Fingerprint() != k.Fingerprint() {
			t.Errorf("got %v", err)
		}
	}
}
