package journal

import (
	"context"
	"errors"
	"slices"
	"time"

	"errand/engine/access"
)

var _ access.Sessions = (*Memory)(nil)

// A memoryBrowser is the session of a browser in a Memory, with the hash of its secret.
type memoryBrowser struct {
	browserSession
	hash access.Hash
}

// isValid reports whether the session is valid at a time.
func (b *memoryBrowser) isValid(at time.Time) bool {
	return access.Session{Seen: b.seen, Expires: b.expires, Ended: b.ended}.IsValid(at)
}

// AddSession implements access.Sessions.
func (m *Memory) AddSession(ctx context.Context, s access.Session, h access.Hash) error {
	b, err := encodeBrowserSession(s)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return failure("add a session", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	before := overBefore(s.Created)
	kept := slices.DeleteFunc(slices.Clone(m.browsers), func(other *memoryBrowser) bool {
		over := other.expires
		if !other.ended.IsZero() {
			over = other.ended
		}
		return over.Before(before)
	})
	if slices.ContainsFunc(kept, func(other *memoryBrowser) bool { return other.id == s.ID || other.hash == h }) {
		return failure("add a session", errors.New("there is a session with this id or this secret"))
	}
	m.browsers = append(kept, &memoryBrowser{b, h})
	return nil
}

// FindSession implements access.Sessions.
func (m *Memory) FindSession(ctx context.Context, h access.Hash) (access.Session, error) {
	found, err := m.selectBrowsers(ctx, func(b *memoryBrowser) bool { return b.hash == h })
	if err == nil && len(found) == 0 {
		err = access.ErrNoSession
	}
	if err != nil {
		return access.Session{}, accessError("find a session", err)
	}
	return found[0], nil
}

// Sessions implements access.Sessions.
func (m *Memory) Sessions(ctx context.Context, at time.Time) ([]access.Session, error) {
	sessions, err := m.selectBrowsers(ctx, func(b *memoryBrowser) bool { return b.isValid(at) })
	return sessions, accessError("read sessions", err)
}

// selectBrowsers returns sessions in the order in which they were added.
func (m *Memory) selectBrowsers(ctx context.Context, selects func(*memoryBrowser) bool) (sessions []access.Session, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range m.browsers {
		if !selects(b) {
			continue
		}
		s, err := b.decode()
		if err != nil {
			return nil, err
		}
		sessions = append(sessions, s)
	}
	return sessions, nil
}

// TouchSession implements access.Sessions.
func (m *Memory) TouchSession(ctx context.Context, id string, at time.Time) error {
	if err := ctx.Err(); err != nil {
		return failure("touch a session", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, b := range m.browsers {
		if b.id == id && b.isValid(at) && b.seen.Before(at) {
			b.seen = storable(at)
		}
	}
	return nil
}

// EndSession implements access.Sessions.
func (m *Memory) EndSession(ctx context.Context, id string, at time.Time) error {
	if err := ctx.Err(); err != nil {
		return failure("end a session", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !slices.ContainsFunc(m.browsers, func(b *memoryBrowser) bool { return b.id == id }) {
		return access.ErrNoSession
	}
	m.endBrowsers(func(b *memoryBrowser) bool { return b.id == id }, at)
	return nil
}

// EndSessions implements access.Sessions.
func (m *Memory) EndSessions(ctx context.Context, token string, at time.Time) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, failure("end sessions", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.endBrowsers(func(b *memoryBrowser) bool { return b.token == token }, at), nil
}

// endBrowsers ends the valid ones of some sessions, and returns how many they are.
func (m *Memory) endBrowsers(selects func(*memoryBrowser) bool, at time.Time) (ended int) {
	for _, b := range m.browsers {
		if selects(b) && b.isValid(at) {
			b.ended = storable(at)
			ended++
		}
	}
	return ended
}
