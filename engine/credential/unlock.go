package credential

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

const wayBack = "put the key back where it was; else an escrow opens the store, and an export fills a new one"

// unlock finds the key that a document names, in this process or in the first source that has it, and unwraps the data key.
func (s *Store) unlock(ctx context.Context, d *document) (*dataKeys, Key, error) {
	lock := Lock{s.Home, d.Store, d.Key.Fingerprint, d.Key.Stretch}
	if !s.key.IsZero() && s.key.Fingerprint() == lock.Fingerprint {
		return s.unwrap(d, s.key)
	}
	var tried, others []string
	var found []Key
	for _, source := range s.Keys {
		if _, stretches := source.(Passphrase); lock.Stretch != nil && !stretches {
			continue // the store is locked with a passphrase
		}
		k, err := source.Key(ctx, lock)
		if absent, ok := errors.AsType[*Absent](err); ok {
			tried = append(tried, source.Name()+": "+absent.Why)
			continue
		}
		if err != nil {
			return nil, Key{}, err
		}
		if k.Fingerprint() == lock.Fingerprint {
			return s.unwrap(d, k)
		}
		found = append(found, k)
		others = append(others, fmt.Sprintf("%s holds the key %s", source.Name(), k.Fingerprint()))
	}
	for _, k := range found { // where it is only the fingerprint that was changed, the seal will say so
		if keys, err := unwrap(k, d.Store, d.Keyset); err == nil {
			return keys, k, nil
		}
	}
	return nil, Key{}, s.lost(lock, tried, others)
}

func (s *Store) unwrap(d *document, k Key) (*dataKeys, Key, error) {
	keys, err := unwrap(k, d.Store, d.Keyset)
	if err != nil {
		return nil, Key{}, damaged(s.file(), "was changed by something else than errand: the key is right, and does not open it")
	}
	k.stretch = d.Key.Stretch
	return keys, k, nil
}

// lost says that the key of a store was not found.
func (s *Store) lost(lock Lock, tried, others []string) error {
	switch {
	case len(others) > 0:
		return &KeyError{Fault{fmt.Sprintf("the credentials in %s are locked with the key %s, and %s", s.file(), lock.Fingerprint, strings.Join(others, ", ")), wayBack}, KeyWrong}
	case lock.Stretch != nil:
		return &KeyError{Fault{"the credentials in " + s.file() + " are locked with a passphrase, and nobody is here to type it", "for a service, lock them with a key instead"}, KeyLost}
	}
	return &KeyError{Fault{fmt.Sprintf("the credentials in %s are locked with the key %s, which was not found (%s)", s.file(), lock.Fingerprint, strings.Join(tried, "; ")), wayBack}, KeyLost}
}

// first finds the key for a store that begins, or makes it where that may be done.
func (s *Store) first(ctx context.Context, lock Lock) (Key, error) {
	var tried []string
	for _, source := range s.Keys {
		k, err := source.Key(ctx, lock)
		if absent, ok := errors.AsType[*Absent](err); ok {
			tried = append(tried, source.Name()+": "+absent.Why)
			continue
		}
		return k, err
	}
	if s.Create == nil {
		return Key{}, &KeyError{Fault{"there is no key to lock the credentials with (" + strings.Join(tried, "; ") + ")",
			"adding a credential at a terminal makes one; a service is handed one in a key file"}, KeyMissing}
	}
	return s.make(ctx, s.Create, lock)
}

// make has a key made, and tells where.
func (s *Store) make(ctx context.Context, maker Maker, lock Lock) (Key, error) {
	k, err := maker.Make(ctx, lock)
	if err == nil && s.Made != nil {
		s.Made(maker.Name())
	}
	return k, err
}
