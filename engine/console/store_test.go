package console_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"errand/engine"
	"errand/engine/access"
	"errand/engine/journal"
)

// A store is everything that a bench keeps, in memory or in a folder.
type store struct {
	journal.Journal
	tokens
	sessions
	access.Pauses
	access.Audit
}

// These have methods with the names of the interfaces.
type (
	tokens   interface{ access.Tokens }
	sessions interface{ access.Sessions }
)

// openStore opens the store of a folder, or makes one in memory if folder is "".
func openStore(t testing.TB, folder string) *store {
	t.Helper()
	if folder == "" {
		j, kept := journal.NewMemory(), &inMemory{tokens: map[access.Hash]access.Token{}}
		return &store{j, kept, j, kept, kept}
	}
	j, err := journal.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	})
	return &store{j, j, j, j, j.Audit(nil)}
}

// inMemory keeps tokens and the audit log in memory. Nothing is paused.
type inMemory struct {
	mu      sync.Mutex
	tokens  map[access.Hash]access.Token
	entries []access.Entry
}

func (m *inMemory) AddToken(_ context.Context, t access.Token, h access.Hash) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tokens[h] = t
	return nil
}

func (m *inMemory) RevokeToken(_ context.Context, name string, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for h, t := range m.tokens {
		if t.Name == name {
			t.Revoked = at
			m.tokens[h] = t
			return nil
		}
	}
	return access.ErrNoToken
}

func (m *inMemory) Tokens(context.Context) (all []access.Token, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range m.tokens {
		all = append(all, t)
	}
	return all, nil
}

func (m *inMemory) FindToken(_ context.Context, h access.Hash) (access.Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t, ok := m.tokens[h]
	if !ok {
		return t, access.ErrNoToken
	}
	return t, nil
}

func (m *inMemory) Append(_ context.Context, e access.Entry) (access.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e.Seq = int64(len(m.entries) + 1)
	m.entries = append(m.entries, e)
	return e, nil
}

func (m *inMemory) Entries(_ context.Context, after int64, limit int) ([]access.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	rest := m.entries[min(int(after), len(m.entries)):]
	return slices.Clone(rest[:min(limit, len(rest))]), nil
}

func (m *inMemory) Length(context.Context) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return int64(len(m.entries)), nil
}

func (m *inMemory) Pause(context.Context, access.Pause) error          { return nil }
func (m *inMemory) Unpause(context.Context, string) (bool, error)      { return false, nil }
func (m *inMemory) Paused(context.Context) (p []access.Pause, _ error) { return p, nil }

// changes tells how runs, the tokens, the sessions and the audit log stand, so that a test can show that
// nothing was changed. That a request was refused for its role may be on record.
func (b *bench) changes(runs ...string) string {
	b.Helper()
	var facts []string
	for _, run := range runs {
		_, entries, err := b.store.Load(b.Context(), run)
		if err != nil {
			b.Fatal(err)
		}
		found, err := b.runner.List(b.Context(), engine.Query{Run: run})
		if err != nil || len(found) != 1 {
			b.Fatal(found, err)
		}
		facts = append(facts, fmt.Sprint(run, " ", found[0].Status, " ", len(entries)))
	}
	all, err := b.runner.List(b.Context(), engine.Query{})
	if err != nil {
		b.Fatal(err)
	}
	sessions, err := b.store.Sessions(b.Context(), time.Now())
	if err != nil {
		b.Fatal(err)
	}
	tokens, err := b.store.Tokens(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	entries, err := b.store.Entries(b.Context(), 0, 1_000_000)
	if err != nil {
		b.Fatal(err)
	}
	refused := 0
	for _, e := range entries {
		if strings.Contains(e.Detail, "refused") {
			refused++
		}
	}
	for _, t := range tokens {
		facts = append(facts, fmt.Sprint(t.Name, t.Revoked))
	}
	slices.Sort(facts)
	return fmt.Sprintf("%d runs, %d sessions, %d entries: %s", len(all), len(sessions), len(entries)-refused, strings.Join(facts, "; "))
}
