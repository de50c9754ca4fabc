package credential

import (
	"context"
	"errors"
)

// Rotate takes a new data key and seals every value again, in one replacement of the file. The old key is nowhere any more: what
// it sealed in copies of the file is opened with those copies, and an escrow of it opens nothing that comes after.
func (s *Store) Rotate(ctx context.Context) error {
	return s.change(ctx, false, func(o *opened) error {
		if o.document == nil {
			return empty(s)
		}
		keys, err := newDataKeys()
		if err != nil {
			return failed("sealed", err)
		}
		next := &opened{document: o.document, keys: keys, key: o.key, file: o.file}
		for i, r := range o.Credentials {
			for j, p := range r.Parameters {
				if p.Sealed == "" {
					continue
				}
				value, err := o.keys.open(p.Sealed, o.about(r, p.Name)...)
				if err != nil {
					return damaged(o.file, "has a value in "+r.Connector+" "+r.Name+" that was sealed for another place, or changed")
				}
				if p.Sealed, err = keys.seal(value.Reveal(), o.about(r, p.Name)...); err != nil {
					return failed("sealed", err)
				}
				o.Credentials[i].Parameters[j] = p
			}
		}
		*o = *next
		return o.lock(o.key)
	})
}

// Rewrap locks the store with another key: that of the source, or a new one where it has none and can be given one. The data key
// stays. Whoever has the old key and an old copy of the file has the data key: where the old key is no secret any more, Rotate
// must follow.
func (s *Store) Rewrap(ctx context.Context, to Source) error {
	before, err := s.read(ctx)
	if err != nil {
		return err
	}
	if before == nil {
		return empty(s)
	}
	k, err := s.take(ctx, to, Lock{Home: s.Home, Store: before.Store}) // which may ask a person, so that it holds no lock
	if err != nil {
		return err
	}
	return s.change(ctx, false, func(o *opened) error {
		if o.document == nil {
			return empty(s)
		}
		if err := o.lock(k); err != nil {
			return failed("sealed", err)
		}
		return nil
	})
}

// take is a source's key, or one that it is given.
func (s *Store) take(ctx context.Context, from Source, lock Lock) (Key, error) {
	k, err := from.Key(ctx, lock)
	absent, ok := errors.AsType[*Absent](err)
	if !ok {
		return k, err
	}
	if maker, ok := from.(Maker); ok {
		return s.make(ctx, maker, lock)
	}
	return Key{}, unusable(from.Name()+" has no key: "+absent.Why, "")
}

func empty(s *Store) error {
	return &NotFoundError{Fault: Fault{"no credentials are stored in " + s.Home, ""}}
}
