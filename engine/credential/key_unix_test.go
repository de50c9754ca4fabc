//go:build unix

package credential

import (
	"errors"
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
	said[*KeyError](t, err, "is a pipe, not a file", "")
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

// A pipe in the place of a file of the store is refused. Nothing waits for a writer.
func TestPipeInTheStore(t *testing.T) {
	for _, name := range []string{"credentials.json", "credentials.lock", "credentials.used.json"} {
		t.Run(name, func(t *testing.T) {
			b := newBox(t)
			if name != "credentials.json" {
				b.add(cloud, "a", good())
			}
			pipe := filepath.Join(b.Home, name)
			if err := errors.Join(os.MkdirAll(b.Home, 0o700), os.RemoveAll(pipe), syscall.Mkfifo(pipe, 0o600)); err != nil {
				t.Fatal(err)
			}
			again := b.again()
			values, found := again.Find(t.Context(), "cloud", "a")
			added := again.Add(t.Context(), cloud, "b", good())
			switch name {
			case "credentials.json":
				said[*StoreError](t, found, "cannot be read: "+pipe+" is a pipe, not a file", "nothing was changed")
				said[*StoreError](t, added, "cannot be read: "+pipe+" is a pipe, not a file", "nothing was changed")
			case "credentials.lock":
				said[*StoreError](t, added, "cannot be written: "+pipe+" is a pipe, not a file", "the store is as it was")
			default: // nothing depends on when a credential was used
				if found != nil || added != nil || len(values) == 0 {
					t.Errorf("%v, %v", found, added)
				}
			}
		})
	}
}
