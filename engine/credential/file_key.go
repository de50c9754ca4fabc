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

	"errand/engine/plainfile"
)

// File is a key in a file. The file must be a regular file that belongs to the user, that nobody
// else can read or write, and that is outside the store's folder. A symbolic link is followed; its
// target must be such a file.
type File struct{ Path string }

// Name implements Source.
func (f File) Name() string { return "the key file " + f.Path }

// Key implements Source.
func (f File) Key(_ context.Context, query KeyQuery) (Key, error) {
	text, err := readKey(f.Path, func(info fs.FileInfo) error { return ownAlone(f.Path, info) })
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Key{}, &AbsentError{"it does not exist"}
	case err != nil:
		return Key{}, f.keyError(err)
	case inside(f.Path, query.Home):
		return Key{}, f.keyError(errHome)
	}
	k, err := parseLine(text)
	if err != nil {
		return Key{}, f.keyError(err)
	}
	return k, nil
}

// Make implements Maker. The file appears with the key in it, or not at all. Make links a finished
// file because a link, unlike a rename, replaces nothing.
func (f File) Make(ctx context.Context, query KeyQuery) (Key, error) {
	if inside(f.Path, query.Home) {
		return Key{}, unusableKeyError("the key file "+f.Path+" "+errHome.Error(), "choose another place for it")
	}
	k := NewKey()
	folder := filepath.Dir(f.Path)
	next := filepath.Join(folder, ".errand-key-"+strings.ToLower(rand.Text()))
	err := makeFolder(folder)
	if err == nil {
		err = writeSynced(next, k.line()+"\n")
	}
	if err == nil {
		err = os.Link(next, f.Path)
		if err != nil && !errors.Is(err, fs.ErrExist) { // not every file system has links
			err = writeSynced(f.Path, k.line()+"\n")
		}
		err = errors.Join(err, os.Remove(next))
	}
	if errors.Is(err, fs.ErrExist) { // another process was faster
		return f.Key(ctx, query)
	}
	if err == nil {
		err = syncFolder(folder)
	}
	if err != nil {
		return Key{}, unusableKeyError("the key file "+f.Path+" cannot be created: "+err.Error(), "")
	}
	return k, nil
}

var errHome = errors.New("is in the folder that it protects, so a copy of the folder includes the key")

// An accessError is returned if another user owns or can access a key file.
type accessError struct{ message, hint string }

func (e *accessError) Error() string { return e.message }

func (f File) keyError(err error) error {
	hint := ""
	if errors.Is(err, errHome) {
		hint = "move it elsewhere"
	} else if loose, ok := errors.AsType[*accessError](err); ok {
		hint = loose.hint
	}
	return unusableKeyError("the key file "+f.Path+" "+reason(err), hint)
}

// reason returns the text of an error without the path, which the message contains already.
func reason(err error) string {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return "cannot be read: " + path.Err.Error()
	}
	if kind, ok := errors.AsType[*plainfile.KindError](err); ok {
		return kind.Reason()
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

// readKey reads a key file. It checks the open file, so the file that it reads is the one that it
// checked.
func readKey(path string, allow func(fs.FileInfo) error) (string, error) {
	f, err := plainfile.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if err := allow(info); err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(f, 4096)) // a longer text is not a key
	return string(text), err
}

// inside reports whether a file is in a folder, by its name or after following links.
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

// Systemd is the key that systemd passes to a service: the credential errand-key, by
// LoadCredential= or LoadCredentialEncrypted=.
type Systemd struct {
	Folder string // $CREDENTIALS_DIRECTORY
}

// Name implements Source.
func (s Systemd) Name() string { return "the credential errand-key of systemd" }

// Key implements Source. It does not check the mode of the file: systemd gives the service's user
// access by an access control list, which shows as the group's bits in the mode.
func (s Systemd) Key(context.Context, KeyQuery) (Key, error) {
	if s.Folder == "" {
		return Key{}, &AbsentError{"$CREDENTIALS_DIRECTORY is not set"}
	}
	file := filepath.Join(s.Folder, "errand-key")
	text, err := readKey(file, func(fs.FileInfo) error { return nil })
	if errors.Is(err, fs.ErrNotExist) {
		return Key{}, &AbsentError{"it is not in $CREDENTIALS_DIRECTORY"}
	}
	var k Key
	if err == nil {
		k, err = parseLine(text)
	}
	if err != nil {
		return Key{}, unusableKeyError(file+" "+reason(err), "")
	}
	return k, nil
}
