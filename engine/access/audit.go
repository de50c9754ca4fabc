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

// An Audit is an append-only log.
type Audit interface {
	// Append adds an entry, durably. It sets Seq and Hash.
	Append(ctx context.Context, e Entry) (Entry, error)
	// Entries returns the entries after a number, at most limit of them.
	Entries(ctx context.Context, after int64, limit int) ([]Entry, error)
}
