// Package plainfile opens regular files for reading, and nothing else: opening a pipe waits for
// another process, and opening a device can have an effect.
package plainfile

import (
	"errors"
	"io/fs"
	"os"

	"errand/engine/pattern"
)

// A KindError reports that a path names something other than a file.
type KindError struct {
	Path string
	Kind string // "a folder", "a pipe", "a socket" or "a device"
}

func (e *KindError) Error() string { return e.Path + " " + e.Reason() }

// Reason returns the error without the path.
func (e *KindError) Reason() string { return "is " + e.Kind + ", not a file" }

// Open opens a regular file. It follows links and never waits. Its error is a *KindError for
// anything else that exists.
func Open(path string) (*os.File, error) {
	if err := Check(path); err != nil {
		return nil, err
	}
	f, err := openAtOnce(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat() // another process may have replaced it
	if err == nil {
		err = check(path, info)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// descriptor matches the names of the files that are open in this process. A shell passes such a
// name for <(command).
var descriptor = pattern.New(`^/dev/(stdin|fd/[0-9]+)$|^/proc/(self|[0-9]+)/fd/[0-9]+$`)

// OpenGiven opens a file that a person names. It is like Open, and also opens the open files of
// this process: /dev/stdin and /dev/fd/N.
func OpenGiven(path string) (*os.File, error) {
	if descriptor.MatchString(path) {
		return os.Open(path)
	}
	return Open(path)
}

// Check returns a *KindError if the path names something other than a file. It opens nothing, and
// returns nil if there is nothing.
func Check(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return check(path, info)
}

func check(path string, info fs.FileInfo) error {
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		return &KindError{path, "a folder"}
	case mode&fs.ModeNamedPipe != 0:
		return &KindError{path, "a pipe"}
	case mode&fs.ModeSocket != 0:
		return &KindError{path, "a socket"}
	}
	return &KindError{path, "a device"}
}
