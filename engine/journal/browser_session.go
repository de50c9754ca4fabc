package journal

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"errand/engine/access"
)

// The sessions of this file are those of browsers that are signed in. A Session of this package is
// something else: a process that holds runs.

var _ access.Sessions = (*SQLite)(nil)

// A browserSession is the session of a browser as it is stored.
type browserSession struct {
	id, token            string
	seen, expires, ended time.Time
	data                 string // a browserData as JSON
}

// A browserData has what no statement of SQL reads.
type browserData struct {
	TokenHash []byte       `json:"token_hash,omitempty"` // empty without a token
	Holder    access.Token `json:"holder"`
	Created   time.Time    `json:"created_at"`
	Agent     string       `json:"agent,omitempty"`
}

func encodeBrowserSession(s access.Session) (browserSession, error) {
	if s.Seen.IsZero() || s.Expires.IsZero() {
		return browserSession{}, errors.New("a session needs its last use and when it expires")
	}
	d := browserData{Holder: s.Holder, Created: storable(s.Created), Agent: s.Agent}
	if s.TokenHash != (access.Hash{}) {
		d.TokenHash = s.TokenHash[:]
	}
	data, err := json.Marshal(d)
	return browserSession{s.ID, s.Token, storable(s.Seen), storable(s.Expires), storable(s.Ended), string(data)}, err
}

func (b *browserSession) decode() (access.Session, error) {
	var d browserData
	if err := json.Unmarshal([]byte(b.data), &d); err != nil {
		return access.Session{}, err
	}
	s := access.Session{
		ID: b.id, Token: b.token, Holder: tokenInUTC(d.Holder), Created: d.Created.UTC(), Seen: b.seen, Expires: b.expires, Ended: b.ended, Agent: d.Agent,
	}
	copy(s.TokenHash[:], d.TokenHash)
	return s, nil
}

// overBefore returns the time before which a session must have ended or expired to be deleted, when
// another one is created.
func overBefore(created time.Time) time.Time { return storable(created.Add(-access.SessionKept)) }

// The statements of AddSession and FindSession.
const (
	deleteSessions = `DELETE FROM browser_sessions WHERE coalesce(ended, expires) < ?`
	findSession    = `SELECT ` + sessionColumns + ` FROM browser_sessions WHERE hash = ?`
	sessionColumns = `id, token, seen, expires, ended, data`
)

// AddSession implements access.Sessions.
func (s *SQLite) AddSession(ctx context.Context, added access.Session, h access.Hash) error {
	b, err := encodeBrowserSession(added)
	if err == nil {
		err = s.writer.submit(ctx, func(w *writer) error {
			if err := w.exec(deleteSessions, overBefore(added.Created).UnixNano()); err != nil {
				return err
			}
			return w.exec(`INSERT INTO browser_sessions (hash, `+sessionColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?)`,
				h[:], b.id, b.token, instant(b.seen), instant(b.expires), instant(b.ended), b.data)
		})
	}
	return accessError("add a session", err)
}

// FindSession implements access.Sessions.
func (s *SQLite) FindSession(ctx context.Context, h access.Hash) (access.Session, error) {
	found, err := s.browserSessions(ctx, findSession, h[:])
	if err == nil && len(found) == 0 {
		err = access.ErrNoSession
	}
	if err != nil {
		return access.Session{}, accessError("find a session", err)
	}
	return found[0], nil
}

// validSession is the SQL condition that a session is valid. validAt returns its parameters.
const validSession = `ended IS NULL AND expires > ? AND seen > ?`

func validAt(at time.Time) []any { return []any{instant(at), instant(at.Add(-access.SessionIdles))} }

// Sessions implements access.Sessions.
func (s *SQLite) Sessions(ctx context.Context, at time.Time) ([]access.Session, error) {
	sessions, err := s.browserSessions(ctx, `SELECT `+sessionColumns+` FROM browser_sessions WHERE `+validSession+` ORDER BY number`, validAt(at)...)
	return sessions, accessError("read sessions", err)
}

// browserSessions returns the sessions that a query selects.
func (s *SQLite) browserSessions(ctx context.Context, query string, args ...any) (sessions []access.Session, err error) {
	err = s.each(ctx, query, args, func(scan func(...any) error) error {
		var b browserSession
		var seen, expires, ended *int64
		if err := scan(&b.id, &b.token, &seen, &expires, &ended, &b.data); err != nil {
			return err
		}
		b.seen, b.expires, b.ended = fromInstant(seen), fromInstant(expires), fromInstant(ended)
		session, err := b.decode()
		sessions = append(sessions, session)
		return err
	})
	return sessions, err
}

// TouchSession implements access.Sessions.
func (s *SQLite) TouchSession(ctx context.Context, id string, at time.Time) error {
	return accessError("touch a session", s.writer.submit(ctx, func(w *writer) error {
		args := append([]any{instant(at), id, instant(at)}, validAt(at)...)
		return w.exec(`UPDATE browser_sessions SET seen = ? WHERE id = ? AND seen < ? AND `+validSession, args...)
	}))
}

// EndSession implements access.Sessions.
func (s *SQLite) EndSession(ctx context.Context, id string, at time.Time) error {
	return accessError("end a session", s.writer.submit(ctx, func(w *writer) error {
		var known int
		found, err := w.row(`SELECT 1 FROM browser_sessions WHERE id = ?`, []any{id}, &known)
		if err == nil && !found {
			return access.ErrNoSession
		}
		if err == nil {
			_, err = w.endSessions(`id`, id, at)
		}
		return err
	}))
}

// EndSessions implements access.Sessions.
func (s *SQLite) EndSessions(ctx context.Context, token string, at time.Time) (int, error) {
	ended := int64(0)
	err := s.writer.submit(ctx, func(w *writer) (err error) {
		ended, err = w.endSessions(`token`, token, at)
		return err
	})
	if err != nil {
		return 0, accessError("end sessions", err)
	}
	return int(ended), nil
}

// endSessions ends the valid sessions with a value in a column, and returns how many they are.
func (w *writer) endSessions(column, value string, at time.Time) (int64, error) {
	args := append([]any{instant(at), value}, validAt(at)...)
	return w.execCount(`UPDATE browser_sessions SET ended = ? WHERE `+column+` = ? AND `+validSession, args...)
}
