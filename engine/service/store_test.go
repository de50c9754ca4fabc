package service_test

import (
	"context"
	"testing"

	"errand/engine/access"
	"errand/engine/journal"
)

// A store has the tokens, the pauses and the audit log of a bench, which are in its journal.
type store struct {
	tokens
	access.Pauses
	access.Audit
	unwritable error // an entry of the audit log fails with it
}

type tokens interface{ access.Tokens }

// newStore returns what is kept in a new journal.
func newStore(t *testing.T) *store {
	t.Helper()
	j, err := journal.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return &store{tokens: j, Pauses: j, Audit: j.Audit(nil)}
}

func (s *store) Append(ctx context.Context, e access.Entry) (access.Entry, error) {
	if s.unwritable != nil {
		return e, s.unwritable
	}
	return s.Audit.Append(ctx, e)
}

// entries returns the audit log.
func (b *bench) entries() []access.Entry {
	b.Helper()
	all, err := b.store.Entries(b.Context(), 0, 1_000_000)
	if err != nil {
		b.Fatal(err)
	}
	return all
}
