package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
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
