package journal

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// A reader reads on its own connections. Each statement sees what was committed before it began,
// and does not wait for a writer.
type reader struct {
	database *sql.DB
	mu       sync.Mutex
	prepared map[string]*sql.Stmt // by text
}

func newReader(database *sql.DB) *reader {
	return &reader{database: database, prepared: map[string]*sql.Stmt{}}
}

// query runs a statement, and keeps it prepared. The end of the caller's context does not interrupt
// it: SQLite would need a goroutine to watch the context, and no statement takes long.
func (r *reader) query(query string, args ...any) (*sql.Rows, error) {
	r.mu.Lock()
	s := r.prepared[query]
	if s == nil {
		var err error
		if s, err = r.database.PrepareContext(background, query); err != nil {
			r.mu.Unlock()
			return nil, err
		}
		r.prepared[query] = s
	}
	r.mu.Unlock()
	return s.QueryContext(background, args...)
}

func (r *reader) close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for _, s := range r.prepared {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, r.database.Close())...)
}

// columns are the columns of a run in the order in which scan reads them; the definition's source
// follows. Every run refers to a definition, so a run without a digest has lost its definition.
const columns = `r.id, r.version, r.workflow, r.request, r.started_by, r.requesters, r.inputs, r.started, r.file,
	coalesce(d.digest, 'unknown'), r.status, r.wake, r.ended, r.result, r.waits, r.next, r.holder, r.cancel, r.changed, r.concurrency,
	CASE WHEN r.concurrency <> '' AND r.ended IS NULL THEN
		coalesce((SELECT f.id FROM turns t JOIN runs f ON f.number = t.run WHERE t.key = r.concurrency ORDER BY t.position LIMIT 1), '') ELSE '' END,
	r.pruned, r.inputs_digest, r.url, r.chain, r.number`

// briefColumns are the same columns without those that are long: see Query.Brief.
const briefColumns = `r.id, r.version, r.workflow, r.request, '', NULL, NULL, r.started, '',
	'', r.status, r.wake, r.ended, NULL, r.waits, r.next, r.holder, r.cancel, r.changed, r.concurrency,
	CASE WHEN r.concurrency <> '' AND r.ended IS NULL THEN
		coalesce((SELECT f.id FROM turns t JOIN runs f ON f.number = t.run WHERE t.key = r.concurrency ORDER BY t.position LIMIT 1), '') ELSE '' END,
	r.pruned, NULL, '', NULL, r.number`

const selection = ` FROM runs r LEFT JOIN definitions d ON d.number = r.definition WHERE `

// A row is a run as it is read from the table runs.
type row struct {
	run    Run
	number int64  // what the entries refer to
	chain  []byte // nil: an older program began the run
	damage string // why some of the run cannot be read; "" if everything can
}

// scan reads a row.
func scan(rows *sql.Rows) (row, error) {
	var read row
	var started, wake, ended, changed, pruned *int64
	var requesters, waits sql.RawBytes
	r := &read.run
	err := rows.Scan(&r.ID, &r.Version, &r.Workflow, &r.Request, &r.StartedBy, &requesters, (*[]byte)(&r.Inputs), &started, &r.File,
		&r.Digest, (*string)(&r.Status), &wake, &ended, (*[]byte)(&r.Result), &waits, &r.Next, &r.Holder, &r.Cancel, &changed, &r.Key, &r.Turn,
		&pruned, &r.InputsDigest, &r.URL, &read.chain, &read.number, &r.Source)
	if err != nil {
		return row{}, err
	}
	r.Started, r.Wake, r.Ended, r.Changed, r.Pruned = fromInstant(started), fromInstant(wake), fromInstant(ended), fromInstant(changed), fromInstant(pruned)
	if r.Requesters, err = decodeList[string](requesters); err != nil {
		r.Requesters, read.damage = nil, "its requesters: "+err.Error()
	}
	if r.Waits, err = decodeWaits(waits); err != nil {
		r.Waits, read.damage = nil, "its waits: "+err.Error()
	}
	return read, nil
}

// Load implements Reader.
func (s *SQLite) Load(ctx context.Context, run string) (Run, []Entry, error) {
	return s.LoadAfter(ctx, run, 0)
}

// LoadAfter implements Reader.
func (s *SQLite) LoadAfter(ctx context.Context, run string, known int) (Run, []Entry, error) {
	if err := s.here(ctx); err != nil {
		return Run{}, nil, failure("load", err)
	}
	found, err := s.reader.run(run)
	switch {
	case errors.Is(err, ErrNotFound):
		return Run{}, nil, ErrNotFound
	case err != nil:
		return Run{}, nil, failure("load", err)
	}
	r, damage := found.run, found.damage
	if !r.Pruned.IsZero() {
		return r, nil, &PrunedError{Run: r}
	}
	if err := r.damage(); err != nil {
		return r, nil, err
	}
	var entries []Entry
	if damage == "" && found.chain != nil && !bytes.Equal(found.chain, chainOf(&r)) {
		damage = "its inputs, or what else it was asked for, are not as they were recorded"
	}
	if damage == "" && (known < r.Next || known == 0) {
		entries, damage, err = s.reader.entries(found, known, r.Next)
	}
	if errors.Is(err, ErrFolded) {
		return r, nil, ErrFolded
	}
	if err != nil {
		return r, nil, failure("load", err)
	}
	if damage != "" {
		return r, nil, &DamageError{Run: run, Reason: damage}
	}
	return r, entries, nil
}

func (r *reader) run(id string) (found row, err error) {
	rows, err := r.query(`SELECT `+columns+`, d.source`+selection+`r.id = ?`, id)
	if err != nil {
		return row{}, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return row{}, err
		}
		return row{}, ErrNotFound
	}
	return scan(rows)
}

// Latest implements Reader. It does not look whether the files are still here.
func (s *SQLite) Latest(ctx context.Context, workflow, request string) (run string, inputs json.RawMessage, err error) {
	const doing = "look for the request"
	if err := ctx.Err(); err != nil {
		return "", nil, failure(doing, err)
	}
	var pruned *int64
	rows, err := s.reader.query(`SELECT id, inputs, pruned FROM runs WHERE workflow = ? AND request = ? AND request <> '' ORDER BY number DESC LIMIT 1`, workflow, request)
	if err != nil {
		return "", nil, failure(doing, err)
	}
	if rows.Next() {
		err = rows.Scan(&run, (*[]byte)(&inputs), &pruned)
	}
	if err = errors.Join(err, rows.Err(), rows.Close()); err != nil {
		return "", nil, failure(doing, err)
	}
	if pruned != nil {
		left, err := s.reader.run(run)
		if err != nil {
			return "", nil, failure(doing, err)
		}
		return "", nil, &PrunedError{Run: left.run}
	}
	return run, inputs, nil
}

// Definition implements Definitions.
func (s *SQLite) Definition(ctx context.Context, digest string) ([]byte, error) {
	const doing = "read definition"
	if err := s.here(ctx); err != nil {
		return nil, failure(doing, err)
	}
	rows, err := s.reader.query(`SELECT source FROM definitions WHERE digest = ? AND source IS NOT NULL`, digest)
	if err != nil {
		return nil, failure(doing, err)
	}
	defer func() { _ = rows.Close() }()
	var source []byte
	if rows.Next() {
		if err := rows.Scan(&source); err != nil {
			return nil, failure(doing, err)
		}
		return source, nil
	}
	if err := rows.Err(); err != nil {
		return nil, failure(doing, err)
	}
	return nil, ErrNotFound
}

// holds reports whether a session holds a run. A run that is held is due soon, so the index of the
// wakes finds it without a scan of the parked runs.
func (r *reader) holds(session string) bool {
	rows, err := r.query(`SELECT 1 FROM runs WHERE wake <= ? AND holder = ? LIMIT 1`, instant(time.Now().Add(LongestHeld)), session)
	if err != nil {
		return true // it may hold one
	}
	defer func() { _ = rows.Close() }()
	return rows.Next() || rows.Err() != nil
}

// entries reads the first count entries of a run, without those that are known. Entries never
// change, so it does not matter if others were appended after the run's row was read. damage says
// what is wrong with the entries, if the store itself is well.
func (r *reader) entries(of row, known, count int) (entries []Entry, damage string, err error) {
	hash, err := r.hashAt(of, known)
	if err != nil {
		return nil, "", err
	}
	rows, err := r.query(`SELECT seq, data, chain FROM entries WHERE run = ? AND seq >= ? AND seq < ? ORDER BY seq`, of.number, known, count)
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	entries = make([]Entry, 0, min(max(count-known, 0), 100))
	last := known // the number of the last entry that was read
	for rows.Next() {
		var seq int
		var data, chain sql.RawBytes
		if err := rows.Scan(&seq, &data, &chain); err != nil {
			return nil, "", err
		}
		e, err := decodeStored(data)
		if err == nil {
			entries, err = unfold(entries, e, &last, known)
		}
		switch {
		case errors.Is(err, ErrFolded):
			return nil, "", err
		case err != nil:
			return nil, undecodable(seq, err), nil
		case last != seq+1:
			return nil, fmt.Sprintf("entry %d of %d is missing", seq-1, count), nil
		}
		if hash != nil {
			next, ok := follows(hash, chain, data)
			if !ok {
				return nil, fmt.Sprintf("entry %d is not as it was recorded", seq), nil
			}
			hash = append(hash[:0:0], next...)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, "", err
	}
	if last != count {
		return nil, fmt.Sprintf("entry %d of %d is missing", last, count), nil
	}
	return entries, "", nil
}

// hashAt returns the hash that the entry after the known ones builds on, or nil if there is none.
func (r *reader) hashAt(of row, known int) ([]byte, error) {
	if of.chain == nil || known == 0 {
		return of.chain, nil
	}
	rows, err := r.query(`SELECT chain FROM entries WHERE run = ? AND seq = ?`, of.number, known-1)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var chain []byte
	if rows.Next() { // otherwise it was folded with later ones
		if err := rows.Scan(&chain); err != nil {
			return nil, err
		}
	}
	return lastHash(chain), rows.Err()
}

// Mark implements Marker.
func (s *SQLite) Mark(ctx context.Context, run string) (Mark, error) {
	if err := s.here(ctx); err != nil {
		return Mark{}, failure("mark", err)
	}
	m, err := s.reader.mark(run)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Mark{}, failure("mark", err)
	}
	return m, err
}

func (r *reader) mark(run string) (m Mark, err error) {
	rows, err := r.query(`SELECT next, wake, holder FROM runs WHERE id = ?`, run)
	if err != nil {
		return Mark{}, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return Mark{}, err
		}
		return Mark{}, ErrNotFound
	}
	var wake *int64
	err = rows.Scan(&m.Next, &wake, &m.Holder)
	m.Wake = fromInstant(wake)
	return m, err
}

// List implements Reader.
func (s *SQLite) List(ctx context.Context, q Query) ([]Run, error) {
	query, args := q.sql()
	return s.list(ctx, query, args)
}

// list returns the runs that a statement selects.
func (s *SQLite) list(ctx context.Context, query string, args []any) ([]Run, error) {
	if err := s.here(ctx); err != nil {
		return nil, failure("list", err)
	}
	rows, err := s.reader.query(query, args...)
	if err != nil {
		return nil, failure("list", err)
	}
	defer func() { _ = rows.Close() }()
	var runs []Run
	for rows.Next() {
		if err := ctx.Err(); err != nil {
			return nil, failure("list", err)
		}
		found, err := scan(rows)
		if err != nil {
			return nil, failure("list", err)
		}
		runs = append(runs, found.run)
	}
	if err := rows.Err(); err != nil {
		return nil, failure("list", err)
	}
	return runs, nil
}

// sql returns the statement for a query. There are few different texts, and each is prepared once.
func (q *Query) sql() (query string, args []any) {
	where := []string{"TRUE"}
	add := func(condition string, value ...any) {
		where = append(where, condition)
		args = append(args, value...)
	}
	if q.Workflow != "" {
		add("r.workflow = ?", q.Workflow)
	}
	if q.Request != "" {
		add("r.request = ? AND r.request <> ''", q.Request) // the index needs the second condition
	}
	if q.Status != "" {
		add("r.status = ?", string(q.Status))
	}
	if q.WaitsFor != "" {
		// json_each fails if its argument is not JSON. One damaged row must not hide the others. Most
		// rows wait for something else; instr finds that without reading JSON.
		add(`instr(r.waits, ?) > 0 AND EXISTS (SELECT 1 FROM json_each(CASE WHEN json_valid(r.waits) THEN r.waits END) AS w WHERE w.value ->> 'for' = ?)`, `"`+string(q.WaitsFor)+`"`, string(q.WaitsFor))
	}
	if !q.Since.IsZero() {
		add("r.started >= ?", instant(q.Since))
	}
	if !q.Changed.IsZero() {
		add("r.changed >= ?", instant(q.Changed))
	}
	switch {
	case q.Owners != nil && q.Run != "": // the owners of one run are few; the runs of an owner are many
		add("EXISTS (SELECT 1 FROM owners WHERE run = r.number AND name IN (SELECT value FROM json_each(?)))", namesJSON(q.Owners))
	case q.Owners != nil:
		add("r.number IN (SELECT run FROM owners WHERE name IN (SELECT value FROM json_each(?)))", namesJSON(q.Owners))
	}
	if q.Run != "" {
		add("r.id = ?", q.Run)
	}
	if q.Open {
		add("r.ended IS NULL")
	}
	if !q.Pruned {
		add("r.pruned IS NULL")
	}
	order := "r.number DESC"
	if !q.Due.IsZero() {
		add("r.wake <= ?", instant(q.Due))
		order = "r.wake, r.number"
	} else if q.After != "" {
		add("r.number < (SELECT number FROM runs WHERE id = ?)", q.After)
	}
	limit := -1
	if q.Limit > 0 {
		limit = q.Limit
	}
	args = append(args, limit)
	if q.Brief {
		return `SELECT ` + briefColumns + `, NULL FROM runs r WHERE ` + strings.Join(where, " AND ") + ` ORDER BY ` + order + ` LIMIT ?`, args
	}
	return `SELECT ` + columns + `, NULL` + selection + strings.Join(where, " AND ") + ` ORDER BY ` + order + ` LIMIT ?`, args
}
