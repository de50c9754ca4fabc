package cmd

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

var errChanged = errors.New("it was changed in the meantime")

// rewrite replaces what a file holds, wholly or not at all: whoever reads the file sees the one text or the other. Where the file is a
// link, what it points to is replaced and the link stays. The file keeps its mode and, where the system lets it, its owner. It fails where
// the file does not hold what it held, may not be written, or is no regular file.
func rewrite(file string, before, after []byte) error {
	target, err := filepath.EvalSymlinks(file)
	if err != nil {
		return plainPathError(err)
	}
	info, err := holds(target, before)
	if err != nil {
		return err
	}
	made, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*")
	if err != nil {
		return plainPathError(err)
	}
	defer os.Remove(made.Name()) // nothing is there any more where all went well
	if err := fill(made, info, after); err != nil {
		return plainPathError(err)
	}
	if _, err := holds(target, before); err != nil { // writing to the disk may have taken its time
		return err
	}
	return plainPathError(os.Rename(made.Name(), target))
}

// holds tells whether a file that may be written holds a text. Replacing a file needs no right to write it, so that right is asked for here.
func holds(target string, text []byte) (fs.FileInfo, error) {
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
		return nil, errors.New("it is no regular file")
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

// fill writes a new file that is to take another's place.
func fill(made *os.File, as fs.FileInfo, text []byte) error {
	_, err := made.Write(text)
	if err == nil {
		err = own(made, as)
	}
	if err == nil { // after the owner, since a change of that takes rights away
		err = made.Chmod(as.Mode().Perm())
	}
	if err == nil {
		err = made.Sync()
	}
	return errors.Join(err, made.Close())
}

// plainPathError is an error without the path, which the message names already.
func plainPathError(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}
