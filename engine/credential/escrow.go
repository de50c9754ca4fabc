package credential

import (
	"context"
	"encoding/json"
	"io"
	"time"
)

// An escrow contains the data key of a store. With the store's file, it opens a store whose
// wrapping key is lost. It is JSON in an age file:
//
//	{"version": 1, "kind": "errand escrow", "store": "mzxw6…", "made": "2026-03-01T10:00:00Z",
//		"keyset": "CKf…"}
//
// The keyset is a Tink keyset that is not encrypted. The escrow opens the store until the data key
// is rotated, including credentials that were stored after the escrow was made.
type escrow struct {
	Version int       `json:"version"`
	Kind    string    `json:"kind"`
	Store   string    `json:"store"`
	Made    time.Time `json:"made"`
	Keyset  []byte    `json:"keyset"`
}

const escrowKind = "errand escrow"

// Escrow writes an escrow of the store for an age recipient or a passphrase. After every Rotate, a
// new one is needed.
func (s *Store) Escrow(ctx context.Context, w io.Writer, to Recipient) error {
	o, err := s.read(ctx)
	if err != nil {
		return err
	}
	if o == nil {
		return emptyStoreError(s)
	}
	bare, err := o.keys.bare()
	if err != nil {
		return storeError(writingOut, err)
	}
	text, err := json.Marshal(escrow{1, escrowKind, o.Store, s.now(), bare})
	if err != nil {
		return storeError(writingOut, err)
	}
	return encrypt(w, to, text)
}

// Recover opens the store with an escrow and locks it with another key: the key of the source, or a
// new one if the source has none and is a Maker. Nothing else in the store changes. Recover returns
// an *ArchiveError if the escrow does not fit the store.
func (s *Store) Recover(ctx context.Context, r io.Reader, from Identity, to Source) error {
	text, err := decrypt(r, from)
	if err != nil {
		return err
	}
	var e escrow
	if json.Unmarshal(text, &e) != nil || e.Kind != escrowKind || e.Version != 1 {
		return archiveError("the file is not an escrow", "to use an export, import it")
	}
	keys, err := dataKeysFrom(e.Keyset)
	if err != nil {
		return archiveError("the escrow does not contain a key", "")
	}
	return s.withLock(ctx, func() error {
		raw, err := readFile(s.file())
		if err != nil {
			return storeError(reading, err)
		}
		d, err := parse(s.file(), raw)
		if err != nil {
			return err
		}
		o := &openedFile{document: d, raw: raw, keys: keys, file: s.file()}
		if d.Store != e.Store {
			return archiveError("the escrow is for another store: expected "+d.Store+", got "+e.Store, "")
		}
		if id, ok := sealingKeyID(d.Seal); ok && id != keys.id {
			return archiveError("the escrow of "+e.Made.Format(time.DateOnly)+" is for a data key that was rotated since", "use a later escrow, or import an export")
		}
		if err := o.checkSeal(); err != nil {
			return err
		}
		k, err := s.keyFrom(ctx, to, KeyQuery{Home: s.Home, Store: d.Store})
		if err != nil {
			return err
		}
		if err := o.lock(k); err != nil {
			return storeError(sealing, err)
		}
		return s.save(o)
	})
}
