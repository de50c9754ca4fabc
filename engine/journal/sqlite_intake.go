package journal

import "context"

// Take implements Intake.
func (s *SQLite) Take(ctx context.Context, t Taking) error {
	encoded, err := t.encode()
	if err == nil {
		err = s.writer.submit(ctx, func(w *writer) error { return w.take(&t, encoded) })
	}
	if err != nil && !isRefusal(err) {
		return failure("take", err)
	}
	return err
}

// take makes a Taking inside a transaction. A refusal of one of its changes takes back those before
// it, and what the writer remembers of them.
func (w *writer) take(t *Taking, encoded []encodedChange) error {
	if err := w.exec("SAVEPOINT taking"); err != nil {
		return err
	}
	refusal := w.takeAll(t, encoded)
	if refusal != nil && !isRefusal(refusal) {
		return refusal
	}
	if refusal != nil {
		clear(w.tails)
		clear(w.definitions)
		if err := w.exec("ROLLBACK TO taking"); err != nil {
			return err
		}
	}
	if err := w.exec("RELEASE taking"); err != nil {
		return err
	}
	return refusal
}

func (w *writer) takeAll(t *Taking, encoded []encodedChange) error {
	for i := range t.Tickets {
		if err := w.takeTicket(&t.Tickets[i], &encoded[i]); err != nil {
			return err
		}
	}
	if t.Message != nil {
		if err := w.answer(t.Source, t.Message); err != nil {
			return err
		}
	}
	if t.Cursor == "" {
		return nil
	}
	return w.exec(`INSERT INTO intake_sources (name, cursor) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor`, t.Source, t.Cursor)
}

func (w *writer) takeTicket(t *Ticket, encoded *encodedChange) error {
	changed, err := w.execCount(`INSERT INTO intake_tickets (desk, ticket, noted, run, at) VALUES (?1, ?2, ?3, ?4, ?5)
		ON CONFLICT (desk, ticket) DO UPDATE SET noted = excluded.noted, run = excluded.run, at = excluded.at WHERE noted AND NOT excluded.noted`,
		t.Desk, t.ID, bit(t.Noted), t.Run, storable(t.At).UnixNano())
	switch {
	case err != nil:
		return err
	case changed == 0:
		return &TakenError{ID: t.ID}
	case t.Create == nil:
		return nil
	}
	return w.change(t.Create, encoded)
}

// answer keeps the answer to a message, and forgets old ones.
func (w *writer) answer(source string, m *Answered) error {
	if err := w.exec(`DELETE FROM intake_messages WHERE at < ?`, storable(m.Forget).UnixNano()); err != nil {
		return err
	}
	added, err := w.execCount(`INSERT INTO intake_messages (source, id, at, answer) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		source, m.ID, storable(m.At).UnixNano(), m.Answer)
	if err == nil && added == 0 {
		return &TakenError{ID: m.ID}
	}
	return err
}

// Cursor implements Intake.
func (s *SQLite) Cursor(ctx context.Context, source string) (cursor string, err error) {
	_, err = s.first(ctx, "read cursor", `SELECT cursor FROM intake_sources WHERE name = ?`, []any{source}, &cursor)
	return cursor, err
}

// Ticket implements Intake.
func (s *SQLite) Ticket(ctx context.Context, desk, id string) (t Ticket, found bool, err error) {
	t = Ticket{Desk: desk, ID: id}
	var at int64
	found, err = s.first(ctx, "read ticket", `SELECT noted, run, at FROM intake_tickets WHERE desk = ? AND ticket = ?`, []any{desk, id}, &t.Noted, &t.Run, &at)
	if err != nil || !found {
		return Ticket{}, false, err
	}
	t.At = fromInstant(&at)
	return t, true, nil
}

// Answer implements Intake.
func (s *SQLite) Answer(ctx context.Context, source, id string) (answer string, found bool, err error) {
	found, err = s.first(ctx, "read answer", `SELECT answer FROM intake_messages WHERE source = ? AND id = ?`, []any{source, id}, &answer)
	return answer, found, err
}

// first reads the first row of a query. found is false if there is none.
func (s *SQLite) first(ctx context.Context, doing, query string, args []any, into ...any) (found bool, err error) {
	if err := s.here(ctx); err != nil {
		return false, failure(doing, err)
	}
	rows, err := s.reader.query(query, args...)
	if err != nil {
		return false, failure(doing, err)
	}
	defer func() { _ = rows.Close() }()
	if rows.Next() {
		found = true
		if err := rows.Scan(into...); err != nil {
			return false, failure(doing, err)
		}
	}
	if err := rows.Err(); err != nil {
		return false, failure(doing, err)
	}
	return found, nil
}
