// Package journal keeps runs, so that they survive the process. For each run it records what was
// asked for, and then, one entry after the other, every answer that could have been another one. A
// host that replays the entries in their order brings the run back to the point where it stood.
//
// In reading order:
//
//	journal.go, errors.go   what a journal does, and its errors
//	entry.go, run.go        what is recorded of a run
//	change.go, fold.go      what one commit does
//	in_force.go, looks.go   which entries count, and which can be folded
//	turn.go                 which of the runs with one concurrency key works
//	chain.go                how accidental changes of entries are found
//	count.go                how many runs there are
//	prune.go                how runs that ended long ago are deleted
//	inbox.go                what persons decided, for the process that works on a run
//	queue.go                which runs wait for a process
//	intake.go               what intake has read and dealt with
//	encode.go, time.go      how entries, lists and times are stored
//	memory*.go              a journal in memory, for tests and simulations
//	sqlite.go               a journal in a folder, with session.go (which processes are alive),
//	                        home_id*.go and origin.go (whether it is a copy),
//	                        cannot_open.go, writer.go with checkpoint.go, commit.go with tail.go,
//	                        sqlite_inbox.go, sqlite_turn.go, sqlite_intake.go, sqlite_prune.go,
//	                        read*.go and backup.go
//	tokens.go, browser_session.go, audit.go, pauses.go
//	                        what a service keeps beside the runs: see package access
//	latest.sql              the tables of that folder's database
//	migrate.go, schema.sql, version2.sql, version2.go, upgrade.go, version3.sql, version4.sql, version5.sql
//	                        how a database of an older version gets them
package journal

import (
	"context"
	"encoding/json"
	"math"
)

// A Journal keeps runs. It is safe for concurrent use. An implementation says whether several
// processes may use it at once.
type Journal interface {
	Writer
	Reader
	Queue
	Definitions
	Marker
	Presence
	Inbox
	Origin
	Counter
	Intake
	Pruner
}

// A Writer changes runs.
type Writer interface {
	// Commit makes a change completely and durably, or not at all. If it returns nil, the change
	// survives a crash and a loss of power. Its errors are ErrMoved, ErrCancel, ErrTurn, ErrNotFound, an
	// *ExistsError, or a *StoreError. After a *StoreError nobody knows whether the change was made.
	Commit(ctx context.Context, c Change) error
	// Cancel asks that a run be cancelled, and makes it due at once: its Wake becomes the beginning
	// of 1970. From then on a change by a writer that does not know of the cancellation is refused.
	// The message, which says who cancels and has no step, is added to the inbox unless there is
	// one of the same round. The errors are ErrNotFound, ErrMoved if the run has ended, or a
	// *StoreError.
	Cancel(ctx context.Context, run string, m Message) error
}

// NoEntries makes LoadAfter return no entries.
const NoEntries = math.MaxInt

// A Reader reads runs.
type Reader interface {
	// Load returns a run with all its entries. Its errors are ErrNotFound, a *PrunedError, a
	// *DamageError, or a *StoreError. With a *PrunedError it returns what is left of the run, and with
	// a *DamageError what can be read of it.
	Load(ctx context.Context, run string) (Run, []Entry, error)
	// LoadAfter is Load without the first entries, which the caller knows: those up to the number
	// known. With NoEntries it returns the run alone. Its error is also ErrFolded, if known entries
	// may have been folded with later ones.
	LoadAfter(ctx context.Context, run string, known int) (Run, []Entry, error)
	// List returns runs without their Source. Its error is a *StoreError.
	List(ctx context.Context, q Query) ([]Run, error)
	// Latest returns the last run of a workflow for a request with its inputs, or "" if there is none.
	// Its error is a *PrunedError if that run was pruned, or a *StoreError. Whoever begins a run if
	// there is none learns from the first commit whether that was right, so Latest may miss a run that
	// was just added, and that the journal is gone.
	Latest(ctx context.Context, workflow, request string) (run string, inputs json.RawMessage, err error)
}

// Definitions are the definitions of all runs. A journal keeps each one, even if a run goes on with
// another.
type Definitions interface {
	// Definition returns the source of a definition that a run is or was pinned to. Its errors are
	// ErrNotFound if the journal does not have the source, or a *StoreError.
	Definition(ctx context.Context, digest string) (source []byte, err error)
}

// A Marker cheaply reports whether a run has changed. Pollers use it.
type Marker interface {
	// Mark returns a run's mark. Its errors are ErrNotFound or a *StoreError.
	Mark(ctx context.Context, run string) (Mark, error)
}

// A Presence reports which processes are alive, so that another process can take over the runs of a
// dead one.
type Presence interface {
	// Join registers a process, or a part of one, and returns its session. about is for people,
	// such as "errand run, process 4711".
	Join(about string) (Session, error)
	// Alive reports whether a session is still open, and returns what Join was given for it. A
	// session of which that cannot be said counts as open.
	Alive(id string) (about string, alive bool)
	// Unknown reports whether nobody can say if a session is still open.
	Unknown(id string) bool
}

// A Session holds runs. It ends when it is closed and when its process ends, for whatever reason.
type Session interface {
	ID() string // letters and digits; never used twice
	Close() error
}
