package credential

import (
	"context"
	"errors"
)

// Rotate creates a new data key and seals every value again, in one replacement of the file. The
// old key is not kept. Ciphers seal with new keys, and their old keys are kept for what they sealed.
// An old copy of the file still opens with the key that it contains; an escrow
// of the old key does not open the new file.
func (s *Store) Rotate(ctx context.Context) error {
	return s.change(ctx, false, func(o *openedFile) error {
		if o.document == nil {
			return emptyStoreError(s)
		}
		keys, err := newDataKeys()
		if err != nil {
			return storeError(sealing, err)
		}
		next := &openedFile{document: o.document, keys: keys, key: o.key, file: o.file}
		for i, r := range o.Credentials {
			for j, p := range r.Parameters {
				if p.Sealed == "" {
					continue
				}
				value, err := o.keys.open(p.Sealed, o.placeOf(r, p.Name)...)
				if err != nil {
					return damageError(o.file, "has a value in "+r.Connector+" "+r.Name+" that was changed, or sealed for another place")
				}
				if p.Sealed, err = keys.seal(value.Reveal(), o.placeOf(r, p.Name)...); err != nil {
					return storeError(sealing, err)
				}
				o.Credentials[i].Parameters[j] = p
			}
		}
		if err := o.rotateCiphers(next, s.now()); err != nil {
			return err
		}
		*o = *next
		return o.lock(o.key)
	})
}

// Rewrap locks the store with another key: the key of the source, or a new one if the source has
// none and is a Maker. The data key stays. Anyone with the old key and an old copy of the file has
// the data key: if the old key is no longer secret, call Rotate too.
func (s *Store) Rewrap(ctx context.Context, to Source) error {
	before, err := s.read(ctx)
	if err != nil {
		return err
	}
	if before == nil {
		return emptyStoreError(s)
	}
	// keyFrom may ask a person, so it runs before the lock is taken.
	k, err := s.keyFrom(ctx, to, KeyQuery{Home: s.Home, Store: before.Store})
	if err != nil {
		return err
	}
	return s.change(ctx, false, func(o *openedFile) error {
		if o.document == nil {
			return emptyStoreError(s)
		}
		if err := o.lock(k); err != nil {
			return storeError(sealing, err)
		}
		return nil
	})
}

// keyFrom returns the key of a source, or makes one if the source has none and is a Maker.
func (s *Store) keyFrom(ctx context.Context, from Source, query KeyQuery) (Key, error) {
	k, err := from.Key(ctx, query)
	absent, ok := errors.AsType[*AbsentError](err)
	if !ok {
		return k, err
	}
	if maker, ok := from.(Maker); ok {
		return s.makeKey(ctx, maker, query)
	}
	return Key{}, unusableKeyError(from.Name()+" has no key: "+absent.Why, "")
}

func emptyStoreError(s *Store) error {
	return &NotFoundError{Fault: Fault{"no credentials are stored in " + s.Home, ""}}
}
