package service_test

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"errand/engine/access"
)

// A store keeps tokens, the audit log and pauses in memory.
type store struct {
	mu      sync.Mutex
	tokens  []access.Token
	hashes  map[access.Hash]string // names by hash
	entries []access.Entry
	paused  []access.Pause
	err     error // every call fails with it

	unwritable error // an entry of the audit log fails with it
}

func newStore() *store { return &store{hashes: map[access.Hash]string{}} }

func (s *store) AddToken(_ context.Context, t access.Token, h access.Hash) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens, s.hashes[h] = append(s.tokens, t), t.Name
	return s.err
}

func (s *store) RevokeToken(_ context.Context, name string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.tokens {
		if s.tokens[i].Name == name {
			s.tokens[i].Revoked = at
		}
	}
	return s.err
}

func (s *store) Tokens(context.Context) ([]access.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.tokens), s.err
}

func (s *store) FindToken(_ context.Context, h access.Hash) (access.Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, known := s.hashes[h]
	if !known {
		return access.Token{}, access.ErrNoToken
	}
	at := slices.IndexFunc(s.tokens, func(t access.Token) bool { return t.Name == name })
	return s.tokens[at], s.err
}

func (s *store) Append(_ context.Context, e access.Entry) (access.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := cmp.Or(s.err, s.unwritable); err != nil {
		return e, err
	}
	e.Seq = int64(len(s.entries) + 1)
	e.Hash = strconv.Itoa(len(s.entries) + 1)
	s.entries = append(s.entries, e)
	return e, nil
}

func (s *store) Entries(_ context.Context, after int64, limit int) ([]access.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rest := s.entries[min(int(after), len(s.entries)):]
	return slices.Clone(rest[:min(limit, len(rest))]), s.err
}

func (s *store) Pause(_ context.Context, p access.Pause) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.paused = append(s.paused, p)
	return s.err
}

func (s *store) Unpause(_ context.Context, name string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.paused)
	s.paused = slices.DeleteFunc(s.paused, func(p access.Pause) bool { return p.Name == name })
	return len(s.paused) < before, s.err
}

func (s *store) Paused(context.Context) ([]access.Pause, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.paused), s.err
}
