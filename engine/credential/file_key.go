package credential

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// File is a key in a file: a regular file of the user's own that nobody else may read or write, outside the store's folder. A
// symbolic link is followed, and what it leads to must be such a file.
type File struct{ Path string }

// Name implements Source.
func (f File) Name() string { return "the key file " + f.Path }

// Key implements Source.
func (f File) Key(_ context.Context, lock Lock) (Key, error) {
	text, err := readKey(f.Path, func(info fs.FileInfo) error { return ownAlone(f.Path, info) })
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Key{}, &Absent{"it is not there"}
	case err != nil:
		return Key{}, f.unusable(err)
	case inside(f.Path, lock.Home):
		return Key{}, f.unusable(errHome)
	}
	k, err := parseLine(text)
	if err != nil {
		return Key{}, f.unusable(err)
	}
	return k, nil
}

// Make implements Maker. The file appears with the key in it, or not at all: a link to a finished file, unlike a rename, replaces
// nothing.
func (f File) Make(ctx context.Context, lock Lock) (Key, error) {
	if inside(f.Path, lock.Home) {
		return Key{}, unusable("the key file "+f.Path+" "+errHome.Error(), "take another place for it")
	}
	k := NewKey()
	folder := filepath.Dir(f.Path)
	next := filepath.Join(folder, ".errand-key-"+strings.ToLower(rand.Text()))
	err := makeFolder(folder)
	if err == nil {
		err = writeSynced(next, k.line()+"\n")
	}
	if err == nil {
		if err = os.Link(next, f.Path); err != nil && !errors.Is(err, fs.ErrExist) { // not every file system has links
			err = writeSynced(f.Path, k.line()+"\n")
		}
		err = errors.Join(err, os.Remove(next))
	}
	if errors.Is(err, fs.ErrExist) { // somebody was faster
		return f.Key(ctx, lock)
	}
	if err == nil {
		err = syncFolder(folder)
	}
	if err != nil {
		return Key{}, unusable("the key file "+f.Path+" cannot be made: "+err.Error(), "")
	}
	return k, nil
}

var errHome = errors.New("is in the folder of what it protects, so that whoever copies the one has the other")

// A looseError is the error where a key file is not its user's alone.
type looseError struct{ message, hint string }

func (e *looseError) Error() string { return e.message }

func (f File) unusable(err error) error {
	hint := ""
	if errors.Is(err, errHome) {
		hint = "move it elsewhere"
	} else if loose, ok := errors.AsType[*looseError](err); ok {
		hint = loose.hint
	}
	return unusable("the key file "+f.Path+" "+reason(err), hint)
}

// reason leaves out of an error what the message says already.
func reason(err error) string {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return "cannot be read: " + path.Err.Error()
	}
	return err.Error()
}

func writeSynced(file, text string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// readKey reads a file that is to hold a key. What is looked at is what is then read.
func readKey(path string, allow func(fs.FileInfo) error) (string, error) {
	f, err := openPlain(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", errors.New("is not a regular file")
	}
	if err := allow(info); err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(f, 4096)) // a longer one is no key
	return string(text), err
}

// inside tells whether a file is in a folder, by its name or by where its links lead.
func inside(file, folder string) bool {
	absolute, err := filepath.Abs(file)
	home, err2 := filepath.Abs(folder)
	if err != nil || err2 != nil {
		return false
	}
	if relative, err := filepath.Rel(home, absolute); err == nil && filepath.IsLocal(relative) {
		return true
	}
	at, err := os.Stat(home)
	if err != nil {
		return false
	}
	if followed, err := filepath.EvalSymlinks(absolute); err == nil {
		absolute = followed
	}
	for above := filepath.Dir(absolute); ; above = filepath.Dir(above) {
		if info, err := os.Stat(above); err == nil && os.SameFile(info, at) {
			return true
		}
		if above == filepath.Dir(above) {
			return false
		}
	}
}

// Systemd is the key that systemd hands to a service: the credential errand-key, by LoadCredential= or LoadCredentialEncrypted=.
type Systemd struct {
	Folder string // $CREDENTIALS_DIRECTORY
}

// Name implements Source.
func (s Systemd) Name() string { return "the credential errand-key of systemd" }

// Key implements Source. The file's mode is systemd's own affair: it gives access to the service's user by a list, which shows as
// bits of the group.
func (s Systemd) Key(context.Context, Lock) (Key, error) {
	if s.Folder == "" {
		return Key{}, &Absent{"$CREDENTIALS_DIRECTORY is not set"}
	}
	file := filepath.Join(s.Folder, "errand-key")
	text, err := readKey(file, func(fs.FileInfo) error { return nil })
	if errors.Is(err, fs.ErrNotExist) {
		return Key{}, &Absent{"it is not in $CREDENTIALS_DIRECTORY"}
	}
	var k Key
	if err == nil {
		k, err = parseLine(text)
	}
	if err != nil {
		return Key{}, unusable(file+" "+reason(err), "")
	}
	return k, nil
}
