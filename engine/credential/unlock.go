package credential

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

const lostKeyHint = "restore the key, recover the store from an escrow, or import an export into a new store"

// unlock finds the key that a document names and unwraps the data key. The key may be known in this
// process; otherwise unlock searches the sources in order.
func (s *Store) unlock(ctx context.Context, d *document) (*dataKeys, Key, error) {
	query := KeyQuery{s.Home, d.Store, d.Key.Fingerprint, d.Key.Stretch}
	if !s.key.IsZero() && s.key.Fingerprint() == query.Fingerprint {
		return s.unwrap(d, s.key)
	}
	var tried, others []string
	var found []Key
	for _, source := range s.Keys {
		if _, stretches := source.(Passphrase); query.Stretch != nil && !stretches {
			continue // only a passphrase opens the store
		}
		k, err := source.Key(ctx, query)
		if absent, ok := errors.AsType[*AbsentError](err); ok {
			tried = append(tried, source.Name()+": "+absent.Why)
			continue
		}
		if err != nil {
			return nil, Key{}, err
		}
		if k.Fingerprint() == query.Fingerprint {
			return s.unwrap(d, k)
		}
		found = append(found, k)
		others = append(others, fmt.Sprintf("%s has the key %s", source.Name(), k.Fingerprint()))
	}
	// If a key opens the store after all, the fingerprint was changed; the seal then fails.
	for _, k := range found {
		if keys, err := unwrap(k, d.Store, d.Keyset); err == nil {
			return keys, k, nil
		}
	}
	return nil, Key{}, s.lostKeyError(query, tried, others)
}

func (s *Store) unwrap(d *document, k Key) (*dataKeys, Key, error) {
	keys, err := unwrap(k, d.Store, d.Keyset)
	if err != nil {
		return nil, Key{}, damageError(s.file(), "was changed by something other than errand: its own key does not open it")
	}
	k.stretch = d.Key.Stretch
	return keys, k, nil
}

// lostKeyError returns the error for a store whose key was not found.
func (s *Store) lostKeyError(query KeyQuery, tried, others []string) error {
	switch {
	case len(others) > 0:
		return &KeyError{Fault{fmt.Sprintf("the credentials in %s are locked with the key %s, and %s", s.file(), query.Fingerprint, strings.Join(others, ", ")), lostKeyHint}, KeyWrong}
	case query.Stretch != nil:
		return &KeyError{Fault{"the credentials in " + s.file() + " are locked with a passphrase, and nobody can be asked for it", "for a service, lock them with a key instead"}, KeyLost}
	}
	return &KeyError{Fault{fmt.Sprintf("the credentials in %s are locked with the key %s, which was not found (%s)", s.file(), query.Fingerprint, strings.Join(tried, "; ")), lostKeyHint}, KeyLost}
}

// keyForNewStore returns the key for a new store: the first that a source has, or one that Create
// makes.
func (s *Store) keyForNewStore(ctx context.Context, query KeyQuery) (Key, error) {
	var tried []string
	for _, source := range s.Keys {
		k, err := source.Key(ctx, query)
		if absent, ok := errors.AsType[*AbsentError](err); ok {
			tried = append(tried, source.Name()+": "+absent.Why)
			continue
		}
		return k, err
	}
	if s.Create == nil {
		return Key{}, &KeyError{Fault{"there is no key to lock the credentials with (" + strings.Join(tried, "; ") + ")",
			"add a credential at a terminal to make one; for a service, provide a key file"}, KeyMissing}
	}
	return s.makeKey(ctx, s.Create, query)
}

// makeKey makes a key and calls OnKeyMade.
func (s *Store) makeKey(ctx context.Context, maker Maker, query KeyQuery) (Key, error) {
	k, err := maker.Make(ctx, query)
	if err == nil && s.OnKeyMade != nil {
		s.OnKeyMade(maker.Name())
	}
	return k, err
}
