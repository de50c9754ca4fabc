package library

import (
	"errors"
	"fmt"
	"io/fs"
)

// ErrNotFound matches the errors of Find for a definition that does not exist.
var ErrNotFound = errors.New("not found")

// A NotFoundError reports that no workflow has a name. It matches ErrNotFound.
type NotFoundError struct {
	Name string
	Near string // the most similar name of a workflow; empty if none is similar
}

func (e *NotFoundError) Error() string { return fmt.Sprintf("there is no workflow %q", e.Name) }

// Is reports whether target is ErrNotFound.
func (e *NotFoundError) Is(target error) bool { return target == ErrNotFound }

// A FolderError reports that the library's folder cannot be read.
type FolderError struct {
	Folder string
	Err    error
}

func (e *FolderError) Error() string {
	reason := e.Err
	if path, ok := errors.AsType[*fs.PathError](reason); ok { // the message names the folder already
		reason = path.Err
	}
	return fmt.Sprintf("the folder of definitions, %s, cannot be read: %v", e.Folder, reason)
}

// Unwrap returns the cause.
func (e *FolderError) Unwrap() error { return e.Err }
