// Package journal keeps runs so that they survive the process: what a run was asked to do, and one after the other everything that
// happened to it which could have happened otherwise. A host that reads a run's entries in order can bring it to exactly the point
// where it stood.
//
// In reading order: journal.go (what a journal does), entry.go (what is written), run.go (what is known of a run), change.go (what one
// commit does), encode.go (entries as they are stored), memory.go with stored.go, due.go and memory_session.go (a journal for tests),
// sqlite.go with schema.sql, migrate.go, writer.go, commit.go and read.go (one in a folder), session.go (who is alive).
package journal

import (
	"context"
	"errors"
)

// A Journal keeps runs. It may be used by many goroutines at once, and by several processes where it says so.
type Journal interface {
	Writer
	Reader
	Marker
	Presence
	Definitions
}

// A Writer changes runs.
type Writer interface {
	// Commit carries out a change: all of it, durably, or nothing. When it returns nil the change survives a crash and a loss of
	// power. Its errors are ErrMoved, ErrCancel, ErrNotFound, an *ExistsError, or a *StoreError, after which the change may or may not
	// have been made.
	Commit(ctx context.Context, c Change) error
	// Cancel asks that a run be cancelled. From then on no change of it is committed whose writer does not know of that, and its
	// wake-up is due at once: its Wake is the beginning of 1970. A run without anything to wake up for (one that has ended) is left
	// as it is. Its errors are ErrNotFound or a *StoreError.
	Cancel(ctx context.Context, run string) error
}

// A Reader reads runs.
type Reader interface {
	// Load reads a run with all its entries. Its errors are ErrNotFound, a *DamageError that says what cannot be read, with which
	// the run comes as far as it is known, or a *StoreError.
	Load(ctx context.Context, run string) (Run, []Entry, error)
	// List reads runs without their definitions. Its error is a *StoreError.
	List(ctx context.Context, q Query) ([]Run, error)
}

// A Marker tells what of a run changes with everything that is done to it, and costs next to nothing: for those who wait.
type Marker interface {
	// Mark reads a run's mark. Its errors are ErrNotFound or a *StoreError.
	Mark(ctx context.Context, run string) (Mark, error)
}

// A Presence tells which processes are alive, so that what a dead one held can be taken over.
type Presence interface {
	// Join enters a process, or a part of one, and returns its session. about is for people, such as "errand run, process 4711".
	Join(about string) (Session, error)
	// Alive tells whether the session with an id is open still, and what Join was told about it.
	Alive(id string) (about string, alive bool)
}

// A Session holds runs. What it holds is given up when it is closed, and when its process ends however that may be.
type Session interface {
	ID() string // letters and digits; never used twice
	Close() error
}

var (
	// ErrNotFound is the error where no run has the id.
	ErrNotFound = errors.New("there is no such run")
	// ErrMoved is the error of a change that was made for an older state of the run: somebody else has changed it meanwhile.
	ErrMoved = errors.New("the run was changed by somebody else")
	// ErrGone is what a *StoreError wraps where the journal was taken away while it was open: what is written to it now is lost.
	ErrGone = errors.New("the journal is not where it was: its folder was removed or replaced")
	// ErrCancel is the error of a change whose writer does not know that the run is to be cancelled.
	ErrCancel = errors.New("the run is to be cancelled")
)

// An ExistsError says that a run exists for the same workflow and request.
type ExistsError struct{ Run string }

func (e *ExistsError) Error() string { return "the request has the run " + e.Run }

// A DamageError says that a run is stored in a way that cannot be read: by this version, or at all.
type DamageError struct{ Run, Reason string }

func (e *DamageError) Error() string {
	return "the record of run " + e.Run + " cannot be read: " + e.Reason
}

// A StoreError is a failure of the store itself: locked, full, broken.
type StoreError struct {
	Doing  string // such as "commit"
	Locked bool   // another process holds it; later it may work
	Err    error
}

func (e *StoreError) Error() string { return "journal: " + e.Doing + ": " + e.Err.Error() }
func (e *StoreError) Unwrap() error { return e.Err }

// Definitions keeps the sources that runs were pinned to.
type Definitions interface {
	Definition(ctx context.Context, digest string) (source []byte, err error)
}
