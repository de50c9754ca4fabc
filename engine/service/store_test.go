package service_test

import (
	"testing"

	"errand/engine/access"
	"errand/engine/journal"
)

// A store has the tokens, the pauses and the audit log of a bench, which are in its journal.
type store struct {
	tokens
	access.Pauses
	access.Audit
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

// forbidEntries makes the database refuse entries of the audit log.
func (b *bench) forbidEntries() {
	b.Helper()
	b.exec("CREATE TRIGGER closed BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is closed'); END")
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
