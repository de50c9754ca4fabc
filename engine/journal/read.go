package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// A reader reads, on connections of its own: it sees what was committed when it begins, and waits for no writer.
type reader struct {
	database *sql.DB
	mu       sync.Mutex
	prepared map[string]*sql.Stmt // by their text
}

func newReader(database *sql.DB) *reader {
	return &reader{database: database, prepared: map[string]*sql.Stmt{}}
}

// query runs a statement that is kept prepared. It is not interrupted when the caller's context ends: SQLite would need a goroutine
// to watch for that, and none of the statements takes long.
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

// columns are those of a run in the order in which scan reads them; the definition's source follows. Every run refers to a definition,
// so one without a digest has lost it.
const columns = `r.id, r.version, r.workflow, r.request, r.requester, r.inputs, r.started, r.file, coalesce(d.digest, 'unknown'),
	r.status, r.wake, r.ended, r.result, r.reason, r.next, r.holder, r.cancel, r.number`

const selection = ` FROM runs r LEFT JOIN definitions d ON d.number = r.definition WHERE `

// scan reads a run and its number, which the entries go by.
func scan(rows *sql.Rows) (r Run, number int64, err error) {
	var started, wake, ended *int64
	err = rows.Scan(&r.ID, &r.Version, &r.Workflow, &r.Request, &r.StartedBy, (*[]byte)(&r.Inputs), &started, &r.File, &r.Digest,
		&r.Status, &wake, &ended, (*[]byte)(&r.Result), new(string), &r.Next, &r.Holder, &r.Cancel, &number, &r.Source)
	r.Started, r.Wake, r.Ended = fromInstant(started), fromInstant(wake), fromInstant(ended)
	return r, number, err
}

// fromInstant is the time that is stored.
func fromInstant(n *int64) time.Time {
	if n == nil {
		return time.Time{}
	}
	return time.Unix(0, *n).UTC()
}

// Load implements Reader.
func (s *SQLite) Load(ctx context.Context, run string) (Run, []Entry, error) {
	if err := s.here(ctx); err != nil {
		return Run{}, nil, failure("load", err)
	}
	r, number, err := s.reader.run(run)
	switch {
	case errors.Is(err, ErrNotFound):
		return Run{}, nil, ErrNotFound
	case err != nil:
		return Run{}, nil, failure("load", err)
	}
	if err := r.damage(); err != nil {
		return r, nil, err
	}
	entries, damage, err := s.reader.entries(number, r.Next)
	if err != nil {
		return r, nil, failure("load", err)
	}
	if damage != "" {
		return r, nil, &DamageError{Run: run, Reason: damage}
	}
	return r, entries, nil
}

func (r *reader) run(id string) (run Run, number int64, err error) {
	rows, err := r.query(`SELECT `+columns+`, d.source`+selection+`r.id = ?`, id)
	if err != nil {
		return Run{}, 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return Run{}, 0, err
		}
		return Run{}, 0, ErrNotFound
	}
	return scan(rows)
}

// holds tells whether a session holds a run. A run that is held is due at once, and by that they are found without a look at those
// that are parked.
func (r *reader) holds(session string) bool {
	rows, err := r.query(`SELECT 1 FROM runs WHERE wake <= ? AND holder = ? LIMIT 1`, instant(time.Now()), session)
	if err != nil {
		return true // for all that is known
	}
	defer func() { _ = rows.Close() }()
	return rows.Next() || rows.Err() != nil
}

// entries reads the first so many entries of a run. Entries are never changed, so what was appended since the run's row was read does
// not matter. damage says why they cannot be read although the store can.
func (r *reader) entries(number int64, count int) (entries []Entry, damage string, err error) {
	rows, err := r.query(`SELECT seq, data FROM entries WHERE run = ? AND seq < ? ORDER BY seq`, number, count)
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	entries = make([]Entry, 0, min(max(count, 0), 100))
	for rows.Next() {
		var seq int
		var data sql.RawBytes
		if err := rows.Scan(&seq, &data); err != nil {
			return nil, "", err
		}
		if seq != len(entries) {
			break
		}
		e, err := decode(data)
		if err != nil {
			return nil, undecodable(seq, err), nil
		}
		entries = append(entries, e)
	}
	if err := rows.Err(); err != nil {
		return nil, "", err
	}
	if len(entries) != count {
		return nil, fmt.Sprintf("entry %d of %d is missing", len(entries), count), nil
	}
	return entries, "", nil
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
	if err := s.here(ctx); err != nil {
		return nil, failure("list", err)
	}
	query, args := q.sql()
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
		r, _, err := scan(rows)
		if err != nil {
			return nil, failure("list", err)
		}
		runs = append(runs, r)
	}
	if err := rows.Err(); err != nil {
		return nil, failure("list", err)
	}
	return runs, nil
}

// sql is the statement for a query. There are few different ones, so that each is prepared once.
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
		add("r.request = ? AND r.request <> ''", q.Request) // the second is what the index asks for
	}
	if q.Status != "" {
		add("r.status = ?", q.Status)
	}
	if q.Open {
		add("r.ended IS NULL")
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
	return `SELECT ` + columns + `, NULL` + selection + strings.Join(where, " AND ") + ` ORDER BY ` + order + ` LIMIT ?`, args
}
