package credential

import (
	"context"
	"encoding/json"
	"io"
	"time"
)

// An escrow is what opens a store whose wrapping key is lost, with the store's file: the data key. It is JSON in an age file:
//
//	{"version": 1, "kind": "errand escrow", "store": "mzxw6…", "made": "2026-03-01T10:00:00Z", "keyset": "CKf…"}
//
// where the keyset is a Tink keyset that is not encrypted. It opens the store as long as its data key is not rotated, with whatever
// is stored in it by then.
type escrow struct {
	Version int       `json:"version"`
	Kind    string    `json:"kind"`
	Store   string    `json:"store"`
	Made    time.Time `json:"made"`
	Keyset  []byte    `json:"keyset"`
}

const escrowKind = "errand escrow"

// Escrow writes an escrow of the store to an age recipient, or for a passphrase. Each Rotate needs a new one.
func (s *Store) Escrow(ctx context.Context, w io.Writer, to Recipient) error {
	o, err := s.read(ctx)
	if err != nil {
		return err
	}
	if o == nil {
		return empty(s)
	}
	bare, err := o.keys.bare()
	if err != nil {
		return failed("written out", err)
	}
	text, err := json.Marshal(escrow{1, escrowKind, o.Store, s.now(), bare})
	if err != nil {
		return failed("written out", err)
	}
	return encrypt(w, to, text)
}

// Recover opens the store with an escrow and locks it with another key: that of the source, or a new one where it has none and can
// be given one. Nothing else of the store is changed. Its error is an *ArchiveError where the escrow does not fit.
func (s *Store) Recover(ctx context.Context, r io.Reader, from Identity, to Source) error {
	text, err := decrypt(r, from)
	if err != nil {
		return err
	}
	var e escrow
	if json.Unmarshal(text, &e) != nil || e.Kind != escrowKind || e.Version != 1 {
		return unarchived("the file is no escrow", "an export is imported, not recovered from")
	}
	keys, err := dataKeysFrom(e.Keyset)
	if err != nil {
		return unarchived("the escrow holds no key", "")
	}
	return s.locked(ctx, func() error {
		raw, err := readFile(s.file())
		if err != nil {
			return failed("read", err)
		}
		d, err := parse(s.file(), raw)
		if err != nil {
			return err
		}
		o := &opened{document: d, raw: raw, keys: keys, file: s.file()}
		if d.Store != e.Store {
			return unarchived("the escrow is of another store: of "+e.Store+", and this is "+d.Store, "")
		}
		if id, ok := sealedBy(d.Seal); ok && id != keys.id {
			return unarchived("the escrow of "+e.Made.Format(time.DateOnly)+" is of a data key that was rotated since", "a later escrow is needed, or an export")
		}
		if err := o.prove(); err != nil {
			return err
		}
		k, err := s.take(ctx, to, Lock{Home: s.Home, Store: d.Store})
		if err != nil {
			return err
		}
		if err := o.lock(k); err != nil {
			return failed("sealed", err)
		}
		return s.save(o)
	})
}
