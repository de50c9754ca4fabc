package journal

import (
	"errors"
	"strconv"
)

var (
	// ErrNotFound is returned if no run has the id, or if the journal does not have a definition.
	ErrNotFound = errors.New("there is no such run")
	// ErrMoved is returned for a change of an older state of the run: somebody else changed the run
	// in the meantime.
	ErrMoved = errors.New("the run was changed by somebody else")
	// ErrCancel is returned for a change whose writer does not know that the run is to be
	// cancelled.
	ErrCancel = errors.New("the run is to be cancelled")
	// ErrMail is returned for a change that parks a run whose inbox has messages that its writer has
	// not read.
	ErrMail = errors.New("the run has a message")
	// ErrTurn is returned for a change that holds or ends a run while another run of its key has the
	// turn.
	ErrTurn = errors.New("another run with the same concurrency key has the turn")
	// ErrGone is the error that every *GoneError wraps.
	ErrGone = errors.New("the journal is not where it was")
	// ErrFolded is LoadAfter's error if entries that the caller knows were folded with later ones.
	ErrFolded = errors.New("entries were folded")
	// errFold means that a fold cannot be read.
	errFold = errors.New("it is not the fold of a look")
)

// A GoneError is wrapped by a *StoreError if a file of the journal was removed or replaced while it
// was open. Whatever is written to it from then on may be lost.
type GoneError struct{ File string }

func (e *GoneError) Error() string {
	what := e.File
	if what == databaseFile {
		what += " or its folder"
	}
	return ErrGone.Error() + ": " + what + " was removed or replaced"
}

// Unwrap returns ErrGone.
func (e *GoneError) Unwrap() error { return ErrGone }

// An ExistsError says that the workflow has a run for the request.
type ExistsError struct{ Run string }

func (e *ExistsError) Error() string { return "the request has the run " + e.Run }

// isRefusal reports whether a change was refused, so that nothing was written. Every other error is
// a failure.
func isRefusal(err error) bool {
	if _, exists := errors.AsType[*ExistsError](err); exists {
		return true
	}
	if _, answered := errors.AsType[*AnsweredError](err); answered {
		return true
	}
	if _, taken := errors.AsType[*TakenError](err); taken {
		return true
	}
	return errors.Is(err, ErrNotFound) || errors.Is(err, ErrMoved) || errors.Is(err, ErrCancel) || errors.Is(err, ErrMail) || errors.Is(err, ErrTurn) || isAccessRefusal(err)
}

// A DamageError says that a run's record cannot be read, by this version or at all.
type DamageError struct{ Run, Reason string }

func (e *DamageError) Error() string {
	return "the record of run " + e.Run + " cannot be read: " + e.Reason
}

// damage returns a *DamageError if the run's entries must not be read, and nil otherwise.
func (r *Run) damage() error {
	switch {
	case r.Version != Version:
		return &DamageError{Run: r.ID, Reason: "it has version " + strconv.Itoa(r.Version) + ", and this program knows version " + strconv.Itoa(Version)}
	case r.Source == nil && r.Digest != "":
		return &DamageError{Run: r.ID, Reason: "its definition is missing"}
	}
	return nil
}

// undecodable says which entry cannot be decoded, and why.
func undecodable(seq int, err error) string {
	return "entry " + strconv.Itoa(seq) + ": " + err.Error()
}

// A StoreError is a failure of the store itself, such as a lock, a full disk or a broken file.
type StoreError struct {
	Doing  string // such as "commit"
	Locked bool   // another process holds the lock; the same call may succeed later
	Err    error
}

func (e *StoreError) Error() string { return "journal: " + e.Doing + ": " + e.Err.Error() }
func (e *StoreError) Unwrap() error { return e.Err }
