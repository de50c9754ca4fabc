package journal

import (
	"context"
	"encoding/json"
	"time"
)

// Commit implements Writer.
func (s *SQLite) Commit(ctx context.Context, c Change) error {
	encoded, err := c.encode()
	if err == nil {
		err = s.writer.submit(ctx, func(w *writer) error { return w.change(&c, &encoded) })
	}
	if err != nil && !isRefusal(err) {
		return failure("commit", err)
	}
	return err
}

// Cancel implements Writer.
func (s *SQLite) Cancel(ctx context.Context, run string, m Message) error {
	m.At = storable(m.At)
	data, err := json.Marshal(m)
	if err == nil {
		err = s.writer.submit(ctx, func(w *writer) error { return w.cancel(run, m, string(data)) })
	}
	if err != nil && !isRefusal(err) {
		return failure("cancel", err)
	}
	return err
}

// change makes a change inside a transaction. If it refuses the change, it has written nothing.
func (w *writer) change(c *Change, encoded *encodedChange) error {
	var err error
	if c.Create != nil {
		err = w.create(c, encoded)
	} else {
		err = w.update(c, encoded)
	}
	if err != nil {
		return err
	}
	if c.Audit != nil {
		if _, err := w.appendAudit(c.Audit.entry, c.Audit.key); err != nil {
			return err
		}
	}
	if c.Source != nil {
		if err := w.pin(c.Run, c.Source, c.File, c.Digest); err != nil {
			return err
		}
	}
	if c.Fold != nil {
		if err := w.fold(c.Run, c.Fold, encoded.fold); err != nil {
			return err
		}
	}
	if err := w.append(c, encoded.entries); err != nil {
		return err
	}
	if err := w.turn(c); err != nil {
		return err
	}
	if c.Holder == "" {
		delete(w.tails, c.Run)
	}
	return nil
}

// fold replaces the range of a fold by the fold. The chain goes on from there as before: see
// chain.go.
func (w *writer) fold(run string, f *Fold, data string) error {
	var number int64
	var first, before, last []byte
	_, err := w.row(`SELECT number, chain, (SELECT chain FROM entries WHERE run = number AND seq = ?2), (SELECT chain FROM entries WHERE run = number AND seq = ?3)
		FROM runs WHERE id = ?1`, []any{run, f.First - 2, f.Last - 1}, &number, &first, &before, &last)
	if err != nil {
		return err
	}
	if f.First == 1 {
		before = first
	}
	var chain []byte
	if first != nil {
		chain = fold(lastHash(before), lastHash(last), data)
	}
	if err := w.exec(`DELETE FROM entries WHERE run = ? AND seq BETWEEN ? AND ?`, number, f.First-1, f.Last-2); err != nil {
		return err
	}
	return w.exec(`UPDATE entries SET data = ?, chain = ? WHERE run = ? AND seq = ?`, data, chain, number, f.Last-1)
}

// update changes a run's row if the row is in the state that the writer of the change has seen. A
// number that is remembered saves a search for the id.
func (w *writer) update(c *Change, encoded *encodedChange) error {
	const query = `UPDATE runs
		SET status = ?, wake = ?, ended = ?, result = ?, waits = ?, next = next + ?, holder = ?, cancel = cancel * ?, changed = coalesce(?, changed)
		WHERE number = coalesce(?, (SELECT number FROM runs WHERE id = ?)) AND next = ? AND holder = ? AND cancel <= ? AND pruned IS NULL
		AND (? OR (SELECT count(*) FROM inbox WHERE run = runs.number) <= ?)
		AND (? OR concurrency = '' OR cancel OR number = (SELECT run FROM turns WHERE key = concurrency ORDER BY position LIMIT 1))`
	t, known := w.tails[c.Run]
	args := []any{
		string(c.State.Status), instant(c.State.Wake), instant(c.State.Ended), text(c.State.Result), text(encoded.waits),
		len(encoded.entries), c.Holder, bit(!c.Uncancel), instant(c.At),
		orNull(t.run), c.Run, c.Next, c.From, bit(c.Knows), bit(!c.Parks), c.Read, bit(!c.needsTurn()),
	}
	if !known && c.concernsTurn() {
		changed, err := w.row(query+` RETURNING number, concurrency`, args, &t.run, &t.key)
		if changed {
			t.next = unknownNext
			w.tails[c.Run] = t
		}
		if err != nil || changed {
			return err
		}
		return w.refusal(c)
	}
	changed, err := w.execCount(query, args...)
	if err != nil || changed > 0 {
		return err
	}
	return w.refusal(c)
}

// refusal returns why no row was updated.
func (w *writer) refusal(c *Change) error {
	var next, cancel, mail int
	var holder string
	var pruned *int64
	found, err := w.row(`SELECT next, holder, cancel, pruned, (SELECT count(*) FROM inbox WHERE run = runs.number) FROM runs WHERE id = ?`,
		[]any{c.Run}, &next, &holder, &cancel, &pruned, &mail)
	switch {
	case err != nil:
		return err
	case !found:
		return ErrNotFound
	case next != c.Next || holder != c.From || pruned != nil:
		return ErrMoved
	case cancel > bit(c.Knows):
		return ErrCancel
	case c.Parks && mail > c.Read:
		return ErrMail
	}
	return ErrTurn
}

// create adds a run.
func (w *writer) create(c *Change, encoded *encodedChange) error {
	r := c.Create
	if err := w.mayCreate(c); err != nil {
		return err
	}
	chain := chainOf(r)
	definition, known := w.definitions[r.Digest]
	number, created, err := w.insert(`INSERT INTO runs
		(id, version, workflow, request, started_by, requesters, inputs, started, definition, file,
		status, wake, ended, result, waits, next, holder, cancel, chain, changed, concurrency, url)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, 0, ?18, ?20, ?21, ?22
		WHERE ?19 OR NOT EXISTS (SELECT 1 FROM runs WHERE request = ?4 AND request <> '' AND workflow = ?3)
		ON CONFLICT (id) DO NOTHING`,
		r.ID, r.Version, r.Workflow, r.Request, r.StartedBy, text(encoded.requesters), text(r.Inputs), instant(r.Started), orNull(definition), r.File,
		string(c.State.Status), instant(c.State.Wake), instant(c.State.Ended), text(c.State.Result), text(encoded.waits),
		len(encoded.entries), c.Holder, chain, bit(c.Again), instant(c.changed()), r.Key, r.URL)
	switch {
	case err != nil:
		return err
	case !created:
		return w.existing(c)
	}
	for _, owner := range r.Owners {
		if err := w.exec(`INSERT INTO owners (name, run) VALUES (?, ?) ON CONFLICT DO NOTHING`, owner, number); err != nil {
			return err
		}
	}
	w.tails[r.ID] = tail{run: number, next: c.Next, key: r.Key, chain: chain}
	if known {
		return nil
	}
	return w.pin(r.ID, r.Source, r.File, r.Digest)
}

// changed returns when a change that creates a run was made: when the run started, unless the change
// says otherwise.
func (c *Change) changed() time.Time {
	if c.At.IsZero() {
		return c.Create.Started
	}
	return c.At
}

// existing returns why no row was inserted.
func (w *writer) existing(c *Change) error {
	if c.Again || c.Create.Request == "" {
		return ErrMoved
	}
	var before string
	found, err := w.row(`SELECT id FROM runs WHERE request = ? AND request <> '' AND workflow = ? ORDER BY number DESC LIMIT 1`,
		[]any{c.Create.Request, c.Create.Workflow}, &before)
	switch {
	case err != nil:
		return err
	case found:
		return &ExistsError{Run: before}
	}
	return ErrMoved
}

// pin gives a run its definition, and stores the source if it is new. If several sources come with
// one digest, the first one is kept. Sources are never deleted, so their numbers can be remembered:
// see Definitions.
func (w *writer) pin(run string, source []byte, file, digest string) error {
	number, err := w.define(source, digest)
	if err != nil {
		return err
	}
	return w.exec(`UPDATE runs SET file = ?, definition = ? WHERE id = ?`, file, number, run)
}

// define returns the number of a definition.
func (w *writer) define(source []byte, digest string) (number int64, err error) {
	if number, known := w.definitions[digest]; known {
		return number, nil
	}
	const query = `SELECT number FROM definitions WHERE digest = ? AND (source IS NOT NULL OR ?)`
	hasSource := len(source) > 0
	var blob any
	if hasSource {
		blob = source
	}
	found, err := w.row(query, []any{digest, bit(!hasSource)}, &number)
	if err == nil && !found {
		err = w.exec(`INSERT INTO definitions (digest, source) VALUES (?, ?)
			ON CONFLICT (digest) DO UPDATE SET source = excluded.source WHERE source IS NULL`, digest, blob)
		if err == nil {
			_, err = w.row(query, []any{digest, bit(!hasSource)}, &number)
		}
	}
	if err == nil && hasSource {
		w.definitions[digest] = number
	}
	return number, err
}

// cancel marks a run inside a transaction.
func (w *writer) cancel(run string, m Message, data string) error {
	changed, err := w.execCount(`UPDATE runs SET cancel = 1, changed = ?, wake = CASE WHEN `+notIsolated+` THEN ? END WHERE id = ? AND ended IS NULL`, instant(m.At), instant(atOnce), run)
	if err != nil {
		return err
	}
	if changed > 0 {
		return w.exec(`INSERT INTO inbox (run, step, round, at, data) SELECT number, ?, ?, ?, ? FROM runs WHERE id = ?
			ON CONFLICT (run, step, round) DO NOTHING`, m.Step, m.Round, instant(m.At), data, run)
	}
	var number int64
	found, err := w.row(`SELECT number FROM runs WHERE id = ?`, []any{run}, &number)
	switch {
	case err != nil:
		return err
	case !found:
		return ErrNotFound
	}
	return ErrMoved
}

// text returns JSON as the database stores it.
func text[T ~[]byte | ~string](json T) any {
	if len(json) == 0 {
		return nil
	}
	return string(json)
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
