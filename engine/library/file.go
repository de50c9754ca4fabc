package library

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"errand/engine/plainfile"
)

// Causes of a FileError, in addition to those of the operating system.
var (
	ErrFolder   = errors.New("it is a folder")
	ErrTooLarge = errors.New("it is too large")
)

// A FileError reports that a file cannot be read. It matches ErrNotFound if there is no such file.
type FileError struct {
	File string
	Err  error // fs.ErrNotExist, ErrFolder, ErrTooLarge, or what the system says
}

func (e *FileError) Error() string {
	switch {
	case isMissing(e):
		return fmt.Sprintf("there is no file %q", e.File)
	case errors.Is(e.Err, ErrFolder):
		return e.File + " is a folder; name a file in it"
	}
	return fmt.Sprintf("%s cannot be read: %v", e.File, e.Err)
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// Is reports whether target is ErrNotFound and the file does not exist.
func (e *FileError) Is(target error) bool { return target == ErrNotFound && isMissing(e) }

// isMissing reports whether an error says that a file does not exist.
func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// ReadFile reads a file of at most limit bytes. Its error is a FileError.
func ReadFile(file string, limit int64) ([]byte, error) {
	text, err := readUpTo(file, limit+1)
	if err == nil && int64(len(text)) > limit {
		return nil, &FileError{file, fmt.Errorf("%w: %d bytes are the most", ErrTooLarge, limit)}
	}
	return text, err
}

// readUpTo reads the first bytes of a file.
func readUpTo(file string, limit int64) ([]byte, error) {
	f, err := plainfile.OpenGiven(file)
	if err != nil {
		return nil, &FileError{file, cause(err)}
	}
	defer func() { _ = f.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(f, limit))
	if err != nil {
		return nil, &FileError{file, cause(err)}
	}
	return text, nil
}

// cause returns an error without the path, which a FileError has already.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*plainfile.KindError](err); ok && e.Kind == "a folder" {
		return ErrFolder
	} else if ok {
		return errors.New("it " + e.Reason())
	}
	return err
}

// IsYAML reports whether a file's name has the ending of a YAML file.
func IsYAML(name string) bool {
	ending := strings.ToLower(filepath.Ext(name))
	return ending == ".yaml" || ending == ".yml"
}

// IsFile reports whether a name is that of a file: it has a path, or the ending of a YAML file.
func IsFile(name string) bool { return strings.ContainsAny(name, `/\`) || IsYAML(name) }
