//go:build unix

package plainfile_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	_ "errand/engine/goldenfile"
	"errand/engine/plainfile"
)

// Only files are opened. No open waits, and everything else is named.
func TestOnlyFilesAreOpened(t *testing.T) {
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	if err := os.WriteFile(at("file"), []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(at("pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	short, err := os.MkdirTemp("", "s") // the name of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(short)
	socket, err := net.Listen("unix", filepath.Join(short, "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	for name, target := range map[string]string{"link": "file", "link to a pipe": "pipe"} {
		if err := os.Symlink(at(target), at(name)); err != nil {
			t.Fatal(err)
		}
	}
	for path, kind := range map[string]string{
		at("file"): "", at("link"): "", folder: "a folder", at("pipe"): "a pipe", at("link to a pipe"): "a pipe",
		filepath.Join(short, "s"): "a socket", os.DevNull: "a device",
	} {
		for _, open := range []func(string) (*os.File, error){plainfile.Open, plainfile.OpenGiven} {
			f, err := open(path)
			found, wrong := errors.AsType[*plainfile.KindError](err)
			switch {
			case kind == "" && err == nil:
				text, _ := io.ReadAll(f)
				_ = f.Close()
				if string(text) != "text" {
					t.Errorf("%s: read %q", path, text)
				}
			case kind == "" || !wrong || found.Kind != kind || found.Error() != path+" is "+kind+", not a file":
				t.Errorf("%s: %v, want %q", path, err, kind)
			}
		}
	}
	if _, err := plainfile.Open(at("absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an absent file: %v", err)
	}
	if err := plainfile.Check(at("absent")); err != nil {
		t.Errorf("an absent file: %v", err)
	}
}

// What a shell passes for <(command) is a pipe, and is read.
func TestGivenDescriptorsAreRead(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := w.WriteString("text"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/dev/fd/%d", r.Fd())
	f, err := plainfile.OpenGiven(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if text, err := io.ReadAll(f); err != nil || string(text) != "text" {
		t.Errorf("read %q, %v", text, err)
	}
	if _, err := plainfile.Open(path); err == nil {
		t.Error("a file of our own may not be a descriptor")
	}
}
