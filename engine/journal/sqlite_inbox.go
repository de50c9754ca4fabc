package journal

import (
	"context"
	"encoding/json"
)

// Put implements Inbox.
func (s *SQLite) Put(ctx context.Context, run string, m Message) error {
	m.At = storable(m.At)
	data, err := json.Marshal(m)
	if err == nil {
		err = s.writer.submit(ctx, func(w *writer) error { return w.put(run, m, string(data)) })
	}
	if err != nil && !isRefusal(err) {
		return failure("put", err)
	}
	return err
}

// put adds a message inside a transaction.
func (w *writer) put(run string, m Message, data string) error {
	var number int64
	var ended *int64
	found, err := w.row(`SELECT number, ended FROM runs WHERE id = ?`, []any{run}, &number, &ended)
	switch {
	case err != nil:
		return err
	case !found:
		return ErrNotFound
	case ended != nil:
		return ErrMoved
	}
	var before string
	found, err = w.row(`SELECT data FROM inbox WHERE run = ? AND step = ? AND round = ?`, []any{number, m.Step, m.Round}, &before)
	if err != nil {
		return err
	}
	if found {
		answered := &AnsweredError{}
		if err := json.Unmarshal([]byte(before), &answered.Message); err != nil {
			return err
		}
		return answered
	}
	err = w.exec(`INSERT INTO inbox (run, step, round, at, data) VALUES (?, ?, ?, ?, ?)`, number, m.Step, m.Round, instant(m.At), data)
	if err != nil {
		return err
	}
	if err := w.exec(`UPDATE runs SET changed = ? WHERE number = ?`, instant(m.At), number); err != nil {
		return err
	}
	state := taken(m.At)
	waits, err := encodeList(state.Waits)
	if err != nil {
		return err
	}
	return w.exec(`UPDATE runs SET status = ?, wake = ?, waits = ? WHERE number = ? AND holder = '' AND `+notIsolated,
		string(state.Status), instant(state.Wake), text(waits), number)
}

// Messages implements Inbox.
func (s *SQLite) Messages(ctx context.Context, run string) ([]Message, error) {
	const doing = "read inbox"
	if err := s.here(ctx); err != nil {
		return nil, failure(doing, err)
	}
	rows, err := s.reader.query(`SELECT i.data FROM runs r LEFT JOIN inbox i ON i.run = r.number WHERE r.id = ? ORDER BY i.number`, run)
	if err != nil {
		return nil, failure(doing, err)
	}
	defer func() { _ = rows.Close() }()
	found := false
	var messages []Message
	for rows.Next() {
		found = true
		var data []byte
		if err := rows.Scan(&data); err != nil {
			return nil, failure(doing, err)
		}
		if data == nil {
			break // the run has none
		}
		var m Message
		if err := json.Unmarshal(data, &m); err != nil {
			return nil, failure(doing, err)
		}
		m.At = m.At.UTC()
		messages = append(messages, m)
	}
	if err := rows.Err(); err != nil {
		return nil, failure(doing, err)
	}
	if !found {
		return nil, ErrNotFound
	}
	return messages, nil
}
