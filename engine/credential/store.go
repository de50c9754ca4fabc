// Package credential stores the credentials of connectors in one file, credentials.json, in the
// folder that also contains the journal.
//
// Parameters that a connector marks as encrypted are sealed with a data key. The data key is
// wrapped with another key, the wrapping key, which must not be in that folder. The whole file is
// sealed too, so that exchanging, moving or removing anything in it is noticed: the endpoint of a
// region or the URL of an application decides where secrets are sent. It is not noticed if the
// whole file is replaced by an older version of itself.
//
// Every change is one atomic replacement of the file, under a lock between processes. If a process
// is killed at any moment, either the old file or the new one is in place. Reading takes no lock.
//
// Reading order: store.go (the changes), check.go (what may be stored), show.go (what may be
// shown), moved.go (whether requests go elsewhere), find.go (what connectors get) with
// last_used.go; document.go (the file format), seal.go (what is sealed, and with which key),
// open.go (from the file to its values, and back), file.go (how the file is replaced); key.go and
// source.go (the wrapping key and its sources), file_key.go, command_key.go with
// command_environment.go, keyring_key.go and passphrase_key.go (one source each), unlock.go (which
// source is used); rotate.go, escrow.go, export.go, age.go and unopened.go (new keys, and what
// helps when a key is lost); mac.go (a key that authenticates what is not a secret); cipher.go with
// cipher_key.go (keys that encrypt what is kept elsewhere); mask.go and secret_forms.go (hide
// secrets in everything that is printed); errors.go.
package credential

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"errand/engine/task"
)

// A Store is the store of credentials in a folder. It is safe for concurrent use, and several
// processes may use the same folder. Its errors are those of errors.go, each with a message and a
// hint. The functions that it calls (sources, OnKeyMade, Now, MayMove) must not call it.
type Store struct {
	Home string   // the folder
	Keys []Source // where the wrapping key is searched, in order; see Places

	// Create makes the wrapping key of a new store if no source has one; nil means that none may be
	// made. OnKeyMade, if not nil, is called with the name of the source that made it.
	Create    Maker
	OnKeyMade func(place string)

	Now func() time.Time // defaults to time.Now

	// MayMove, if not nil, is called before a change by which the requests with a credential go
	// elsewhere: the credential is new, or its Target is another one. An error refuses the change. Only
	// what was sent since a time moves, and everything if it is zero.
	MayMove func(ctx context.Context, connector, name string, since time.Time) error

	mu   sync.Mutex
	last *openedFile // the file as last read
	key  Key         // the key that unlocked it
	used map[place]time.Time
	mask Mask

	masked atomic.Pointer[openedFile] // the file whose values are in the mask

	// lockTimeout is how long a change waits for another process. It defaults to 10 seconds.
	lockTimeout time.Duration
	// onStep is called before each step of a replacement, in tests. Its error makes the step fail.
	onStep func(step string) error
}

// A place identifies a credential in the store.
type place struct{ connector, name string }

// Add stores a new credential. An empty value counts as not given. Add returns an *InvalidError
// with everything that is wrong, or an *ExistsError.
func (s *Store) Add(ctx context.Context, c task.Connector, name string, given task.Values) error {
	given = trimAll(given)
	if err := check(c, name, given, given); err != nil {
		return err
	}
	return s.change(ctx, true, func(o *openedFile) error {
		if i, found := o.find(c.Name, name); found {
			return existsError(o.Credentials[i])
		}
		if err := s.mayMove(ctx, o, c, name, nil, given); err != nil {
			return err
		}
		now := s.now()
		return o.put(c, record{Connector: c.Name, Name: name, Added: now, Edited: now}, given)
	})
}

// Edit changes the given parameters only. An empty value removes a parameter that is not required.
// The time of the last successful test is cleared. Edit returns a *NotFoundError, or an
// *InvalidError with everything that is wrong.
func (s *Store) Edit(ctx context.Context, c task.Connector, name string, given task.Values) error {
	given = trimAll(given)
	return s.change(ctx, false, func(o *openedFile) error {
		i, found := o.find(c.Name, name)
		if !found {
			return notFoundError(o.document, c.Name, name)
		}
		before, err := o.values(o.Credentials[i])
		if err != nil {
			return err
		}
		merged := maps.Clone(before)
		for parameter, value := range given {
			if merged[parameter] = value; value.IsZero() {
				delete(merged, parameter)
			}
		}
		if err := check(c, name, given, merged); err != nil {
			return err
		}
		if err := s.mayMove(ctx, o, c, name, before, merged); err != nil {
			return err
		}
		r := o.Credentials[i]
		r.Edited, r.Validated = s.now(), time.Time{}
		return o.put(c, r, merged)
	})
}

// Delete removes a credential. It returns a *NotFoundError if there is none.
func (s *Store) Delete(ctx context.Context, connector, name string) error {
	return s.change(ctx, false, func(o *openedFile) error {
		i, found := o.find(connector, name)
		if !found {
			return notFoundError(o.document, connector, name)
		}
		o.Credentials = slices.Delete(o.Credentials, i, i+1)
		return nil
	})
}

// MarkValidated records when a credential was tested successfully.
func (s *Store) MarkValidated(ctx context.Context, connector, name string, at time.Time) error {
	return s.change(ctx, false, func(o *openedFile) error {
		i, found := o.find(connector, name)
		if !found {
			return notFoundError(o.document, connector, name)
		}
		o.Credentials[i].Validated = inSeconds(at)
		return nil
	})
}

func (s *Store) now() time.Time { return inSeconds(s.clock()) }

// clock returns the present time in UTC, as precise as it is.
func (s *Store) clock() time.Time {
	if s.Now != nil {
		return s.Now().Round(0).UTC()
	}
	return time.Now().Round(0).UTC()
}

// inSeconds returns a time as the file stores it: in UTC, in seconds.
func inSeconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// trimAll removes white space around the values: they are pasted, and often end in a line break by
// mistake.
func trimAll(given task.Values) task.Values {
	all := make(task.Values, len(given))
	for name, value := range given {
		all[name] = task.NewSecret(strings.TrimSpace(value.Reveal()))
	}
	return all
}
