package journal

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"errand/engine/access"
)

var _ access.Tokens = (*SQLite)(nil)

// AddToken implements access.Tokens.
func (s *SQLite) AddToken(ctx context.Context, t access.Token, h access.Hash) error {
	data, err := json.Marshal(t)
	if err == nil {
		err = s.writer.submit(ctx, func(w *writer) error {
			_, added, err := w.insert(`INSERT INTO tokens (name, hash, data) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, t.Name, h[:], string(data))
			if err == nil && !added {
				return access.ErrExists
			}
			return err
		})
	}
	return accessError("add a token", err)
}

// RevokeToken implements access.Tokens.
func (s *SQLite) RevokeToken(ctx context.Context, name string, at time.Time) error {
	return accessError("revoke a token", s.writer.submit(ctx, func(w *writer) error {
		var data []byte
		found, err := w.row(`SELECT data FROM tokens WHERE name = ?`, []any{name}, &data)
		if err == nil && !found {
			return access.ErrNoToken
		}
		if err != nil {
			return err
		}
		t, err := readToken(data)
		if err != nil || !t.Revoked.IsZero() {
			return err
		}
		t.Revoked = at.UTC()
		if data, err = json.Marshal(t); err != nil {
			return err
		}
		return w.exec(`UPDATE tokens SET data = ? WHERE name = ?`, string(data), name)
	}))
}

// Tokens implements access.Tokens.
func (s *SQLite) Tokens(ctx context.Context) (tokens []access.Token, err error) {
	err = s.each(ctx, `SELECT data FROM tokens ORDER BY number`, nil, func(scan func(...any) error) error {
		var data []byte
		if err := scan(&data); err != nil {
			return err
		}
		t, err := readToken(data)
		tokens = append(tokens, t)
		return err
	})
	return tokens, accessError("read tokens", err)
}

// FindToken implements access.Tokens.
func (s *SQLite) FindToken(ctx context.Context, h access.Hash) (t access.Token, err error) {
	err = s.each(ctx, `SELECT data FROM tokens WHERE hash = ?`, []any{h[:]}, func(scan func(...any) error) error {
		var data []byte
		if err := scan(&data); err != nil {
			return err
		}
		t, err = readToken(data)
		return err
	})
	if err == nil && t.Name == "" {
		err = access.ErrNoToken
	}
	return t, accessError("find a token", err)
}

func readToken(data []byte) (t access.Token, err error) {
	err = json.Unmarshal(data, &t)
	return tokenInUTC(t), err
}

func tokenInUTC(t access.Token) access.Token {
	t.Created, t.Expires, t.Revoked = t.Created.UTC(), t.Expires.UTC(), t.Revoked.UTC()
	return t
}

// each calls a function for each row of a query.
func (s *SQLite) each(ctx context.Context, query string, args []any, row func(scan func(...any) error) error) error {
	if err := s.here(ctx); err != nil {
		return err
	}
	rows, err := s.reader.query(query, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// accessError returns an error of package access, or the *StoreError for any other.
func accessError(doing string, err error) error {
	if _, stored := errors.AsType[*StoreError](err); err == nil || stored || isAccessRefusal(err) {
		return err
	}
	return failure(doing, err)
}

// isAccessRefusal reports whether an error refuses a change without having written anything.
func isAccessRefusal(err error) bool {
	return errors.Is(err, access.ErrExists) || errors.Is(err, access.ErrNoToken) || errors.Is(err, access.ErrNoSession) || errors.Is(err, access.ErrChanged)
}
