package home

import (
	"context"
	"sync"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/credential"
)

// Tokens returns the tokens of the home's service, or nil if the home has no journal.
func (o *Opened) Tokens() access.Tokens {
	if o.journal == nil {
		return nil
	}
	return o.journal
}

// Sessions returns the sessions of browsers that are signed in to the home's service, or nil if the
// home has no journal.
func (o *Opened) Sessions() access.Sessions {
	if o.journal == nil {
		return nil
	}
	return o.journal
}

// Pauses returns what the home's service does not start, or nil if the home has no journal.
func (o *Opened) Pauses() access.Pauses {
	if o.journal == nil {
		return nil
	}
	return o.journal
}

// Audit returns the audit log of the home's service, or nil if the home has no journal. The key of
// the credentials seals it.
func (o *Opened) Audit() access.Log {
	if o.journal == nil {
		return nil
	}
	return o.journal.Audit(o.Sealer)
}

// Trouble returns an error of Tokens, Sessions, Pauses or Audit as the runner's contract words it: an
// *engine.Trouble if their store failed.
func Trouble(err error) error { return trouble(err, engine.TroubleStore) }

// Rotate makes a new data key for the credentials, and seals the audit log with the key that is
// derived from it, if the log has a seal and that is good. The entry, which says who did it, is then
// added to the log. verified is false if the log does not verify: the seal stays as it is. The error
// is that of the store of credentials, or an *engine.Trouble.
func (o *Opened) Rotate(ctx context.Context, e access.Entry) (verified bool, err error) {
	log := o.Audit()
	if log == nil {
		return true, o.Credentials.Rotate(ctx)
	}
	seal, err := log.Seal(ctx)
	if err != nil {
		return false, trouble(err, engine.TroubleStore)
	}
	if seal == nil {
		return true, o.Credentials.Rotate(ctx)
	}
	report, err := access.Verify(ctx, log, o.Sealer, "")
	if err != nil {
		return false, trouble(err, engine.TroubleStore)
	}
	if err := o.Credentials.Rotate(ctx); err != nil || !report.Good() {
		return false, err
	}
	key, err := o.Sealer.SealKey(ctx)
	if err != nil {
		return false, err
	}
	_, err = log.Reseal(ctx, report.Head, key, e)
	return err == nil, trouble(err, engine.TroubleStore)
}

// A storeSealer seals an audit log with a key that is derived from the key of the credentials.
type storeSealer struct {
	store *credential.Store

	mu     sync.Mutex
	failed time.Time // when the key could not be had
	err    error
}

// failureLasts is how long a storeSealer does not ask again for a key that it could not get: a
// command that prints the key may take long to fail.
const failureLasts = time.Minute

// SealKey implements access.Sealer.
func (s *storeSealer) SealKey(ctx context.Context) (access.SealKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil && time.Since(s.failed) < failureLasts {
		return nil, s.err
	}
	key, err := s.store.MAC(ctx, "audit")
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if s.err = err; err != nil {
		s.failed = time.Now()
		return nil, err
	}
	return key, nil
}
