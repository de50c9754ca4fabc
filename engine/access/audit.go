package access

import (
	"context"
	"time"
)

// An Entry is one line of the audit log: who did what. Each request that changes something, or that
// a role refused, has one, and is carried out only if the entry is on record.
type Entry struct {
	Seq    int64     `json:"seq"` // from 1, without gaps
	At     time.Time `json:"at"`
	Token  string    `json:"token"`            // its name; empty for somebody at the command line
	Person string    `json:"person,omitempty"` // who acted
	Action string    `json:"action"`           // such as run.approve
	Run    string    `json:"run,omitempty"`
	Detail string    `json:"detail,omitempty"`
	Hash   string    `json:"hash"` // of this entry and the hash before, hexadecimal
}

// The actions of the commands that make changes for a service.
const (
	ActionTokenAdd    = "token.add"
	ActionTokenRevoke = "token.revoke"
	ActionPause       = "pause"
	ActionUnpause     = "unpause"
	ActionRotate      = "credentials.rotate" // another key seals the log from here on
)

// An Audit is an append-only log.
type Audit interface {
	// Append adds an entry, durably. It sets Seq and Hash.
	Append(ctx context.Context, e Entry) (Entry, error)
	// Entries returns the entries after a number, at most limit of them.
	Entries(ctx context.Context, after int64, limit int) ([]Entry, error)
	// Length returns the number of the last entry; 0 if there is none.
	Length(ctx context.Context) (int64, error)
}

// A Log is an Audit whose chain can be verified.
type Log interface {
	Audit
	// Records returns the records after a number, at most limit of them, as they are stored.
	Records(ctx context.Context, after int64, limit int) ([]Record, error)
	// Seal returns the seal of the log, or nil if it has none.
	Seal(ctx context.Context) (*Seal, error)
	// Reseal adds an entry, and replaces the seal by one of the key. The entry at which the
	// log ended when it was verified must still have its hash; otherwise nothing is changed, and
	// the error is ErrChanged.
	Reseal(ctx context.Context, verified Head, key SealKey, e Entry) (Entry, error)
}
