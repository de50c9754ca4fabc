// Package credential keeps the credentials of connectors in one file, credentials.json, in the folder that also holds the journal.
//
// What a connector says is encrypted is sealed with a data key; the data key is wrapped with another key, which is never in that
// folder. The whole file is sealed too, so that nothing in it can be exchanged, moved or taken away unnoticed: a region's endpoint
// or an application's URL says where the secrets are sent. What it cannot notice is that the file as a whole was replaced by an
// older one of its own.
//
// Every change is one atomic replacement of the file, under a lock between processes: whenever a process is killed, the old file
// is there or the new one. To read takes no lock.
//
// In reading order: store.go (what can be done), check.go (what may be stored), look.go (what may be shown), find.go (what
// connectors get) with used.go; document.go (the file's shape), seal.go (what is sealed, with what), open.go (from the file to
// its values, and back), file.go (how it is replaced); key.go and source.go (the wrapping key and the places it comes from), file_key.go,
// command_key.go, keyring_key.go and passphrase_key.go (each place), unlock.go (which is taken); rotate.go, escrow.go, export.go
// and age.go (what is done for the day when a key is lost); mask.go and forms.go (a net under all that is printed); errors.go.
package credential

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"errand/engine/task"
)

// A Store keeps credentials in a folder. It is safe for use by several goroutines, and several processes may have one for the
// same folder. Its errors are those of errors.go, each with a message and a hint. What it calls (sources, Made, Now) must not call it.
type Store struct {
	Home string   // the folder
	Keys []Source // where the wrapping key may come from, in order; see Places

	// Create makes the wrapping key where a store begins and no source has one; nil means that none may be made. Made is told
	// where it was put, and may be nil.
	Create Maker
	Made   func(place string)

	Now func() time.Time // nil: time.Now

	mu   sync.Mutex
	last *opened // the file as it was read last
	key  Key     // what unlocked it
	used map[place]time.Time
	mask Mask

	hidden atomic.Pointer[opened] // whose values the mask knows

	patience time.Duration           // how long a change waits for another process; 0 means ten seconds
	at       func(step string) error // told of each step of a replacement, by tests; its error is the step's
}

// A place is where a credential is in the store.
type place struct{ connector, name string }

// Add stores a new credential. Empty values count as not given. Its errors are an *InvalidError with all that is wrong, or an
// *ExistsError.
func (s *Store) Add(ctx context.Context, c task.Connector, name string, given task.Values) error {
	given = trimmed(given)
	if err := check(c, name, given, given); err != nil {
		return err
	}
	return s.change(ctx, true, func(o *opened) error {
		if i, found := o.find(c.Name, name); found {
			return exists(o.Credentials[i])
		}
		now := s.now()
		return o.put(c, record{Connector: c.Name, Name: name, Added: now, Edited: now}, given)
	})
}

// Edit changes the parameters that are given, and no others. An empty value removes a parameter that is not required. What was
// known of the credential by trying it out is forgotten. Its errors are a *NotFoundError, or an *InvalidError with all that is
// wrong.
func (s *Store) Edit(ctx context.Context, c task.Connector, name string, given task.Values) error {
	given = trimmed(given)
	return s.change(ctx, false, func(o *opened) error {
		i, found := o.find(c.Name, name)
		if !found {
			return notFound(o.document, c.Name, name)
		}
		merged, err := o.values(o.Credentials[i])
		if err != nil {
			return err
		}
		for parameter, value := range given {
			if merged[parameter] = value; value.IsZero() {
				delete(merged, parameter)
			}
		}
		if err := check(c, name, given, merged); err != nil {
			return err
		}
		r := o.Credentials[i]
		r.Edited, r.Validated = s.now(), time.Time{}
		return o.put(c, r, merged)
	})
}

// Delete removes a credential. Its error is a *NotFoundError where there is none.
func (s *Store) Delete(ctx context.Context, connector, name string) error {
	return s.change(ctx, false, func(o *opened) error {
		i, found := o.find(connector, name)
		if !found {
			return notFound(o.document, connector, name)
		}
		o.Credentials = slices.Delete(o.Credentials, i, i+1)
		return nil
	})
}

// Validated notes when a credential was tried out and found good.
func (s *Store) Validated(ctx context.Context, connector, name string, at time.Time) error {
	return s.change(ctx, false, func(o *opened) error {
		i, found := o.find(connector, name)
		if !found {
			return notFound(o.document, connector, name)
		}
		o.Credentials[i].Validated = whole(at)
		return nil
	})
}

func (s *Store) now() time.Time {
	if s.Now != nil {
		return whole(s.Now())
	}
	return whole(time.Now())
}

// whole is a time as the file has it: in UTC, in seconds.
func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// trimmed takes the white space off the ends of values: they are pasted, and end in a line break more often than they should.
func trimmed(given task.Values) task.Values {
	all := make(task.Values, len(given))
	for name, value := range given {
		all[name] = task.NewSecret(strings.TrimSpace(value.Reveal()))
	}
	return all
}
