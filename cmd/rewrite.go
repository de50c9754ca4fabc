package cmd

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

var errChanged = errors.New("the file was changed in the meantime")

// rewrite replaces the contents of a file atomically: a reader sees either the old or the new text.
// If the file is a link, rewrite replaces its target and keeps the link. The file keeps its mode
// and, if the system allows it, its owner. rewrite fails if the file does not contain the text
// before, if the file is read-only, or if it is not a regular file.
func rewrite(file string, before, after []byte) error {
	target, err := filepath.EvalSymlinks(file)
	if err != nil {
		return plainPathError(err)
	}
	info, err := checkContents(target, before)
	if err != nil {
		return err
	}
	made, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*")
	if err != nil {
		return plainPathError(err)
	}
	defer os.Remove(made.Name()) // after a successful rename it does not exist
	if err := fill(made, info, after); err != nil {
		return plainPathError(err)
	}
	if _, err := checkContents(target, before); err != nil { // the write can take long
		return err
	}
	return plainPathError(os.Rename(made.Name(), target))
}

// checkContents returns an error unless the file is writable and contains the text. It checks write
// permission because the replacement of a file does not need it.
func checkContents(target string, text []byte) (fs.FileInfo, error) {
	f, err := os.OpenFile(target, os.O_RDWR, 0)
	if err != nil {
		return nil, plainPathError(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, plainPathError(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	held, err := io.ReadAll(io.LimitReader(f, int64(len(text))+1))
	if err != nil {
		return nil, plainPathError(err)
	}
	if !bytes.Equal(held, text) {
		return nil, errChanged
	}
	return info, nil
}

// fill writes the new file, and gives it the mode and the owner of the old one.
func fill(made *os.File, as fs.FileInfo, text []byte) error {
	_, err := made.Write(text)
	if err == nil {
		err = copyOwner(made, as)
	}
	if err == nil { // after the owner, because a change of the owner clears mode bits
		err = made.Chmod(as.Mode().Perm())
	}
	if err == nil {
		err = made.Sync()
	}
	return errors.Join(err, made.Close())
}

// plainPathError returns an error without its path, because the message already contains the path.
func plainPathError(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}
