package journal

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"sync"
	"time"
)

// A writer makes changes on the only connection that writes, in groups: see SQLite.
type writer struct {
	conn        *sql.Conn
	prepared    map[string]*sql.Stmt // by text
	tails       map[string]tail      // of runs that somebody holds, by id
	definitions map[string]int64     // the numbers of definitions with a source, by digest
	checkpoints *checkpointer        // nil while the journal is being opened
	audit       *auditEnd            // nil at the beginning of a transaction, and if none of its changes is an entry
	here        func() error         // returns an error if a file of the journal is gone; nil while the journal is being opened
	raised      func(int64)          // called with each new generation of the home, after its commit; may be nil
	observer    func(Transaction)    // see SQLite.Observe; may be nil

	lead  chan struct{} // full while a caller uses conn and prepared
	mu    sync.Mutex
	queue []*order
}

// An order is one caller's change.
type order struct {
	make func(*writer) error
	err  error
	done chan struct{} // closed when the change is made, refused or failed
}

func newWriter(conn *sql.Conn) *writer {
	return &writer{conn: conn, prepared: map[string]*sql.Stmt{}, tails: map[string]tail{}, definitions: map[string]int64{}, lead: make(chan struct{}, 1)}
}

// submit makes a change and returns when the change is durable. If the function returns a refusal,
// it must not have written anything.
func (w *writer) submit(ctx context.Context, change func(*writer) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	o := &order{make: change, done: make(chan struct{})}
	w.mu.Lock()
	w.queue = append(w.queue, o)
	w.mu.Unlock()
	select {
	case <-o.done:
		return o.err
	case w.lead <- struct{}{}:
	}
	defer func() { <-w.lead }()
	select {
	case <-o.done:
		return o.err
	default:
	}
	// Callers whose last change was just made are about to queue the next one. Without this call
	// the first of them would get its own transaction, and the others would wait for that fsync.
	runtime.Gosched()
	w.mu.Lock()
	group := w.queue
	w.queue = nil
	w.mu.Unlock()
	w.carryOut(group)
	return o.err
}

// carryOut makes the changes of a group. If one of them fails, perhaps because it is too large, it
// makes each change in its own transaction.
func (w *writer) carryOut(group []*order) {
	defer func() {
		for _, o := range group {
			close(o.done)
		}
	}()
	if again := w.transact(group); again && len(group) > 1 {
		for i := range group {
			w.transact(group[i : i+1])
		}
	}
}

// transact makes changes in one transaction. again says that one change failed, so that none was
// made.
func (w *writer) transact(group []*order) (again bool) {
	began := time.Now()
	again, err := w.tryTransact(group)
	if w.observer != nil {
		w.observer(Transaction{Changes: len(group), Took: time.Since(began), Err: err})
	}
	return again
}

// tryTransact also returns why no change was made, or nil.
func (w *writer) tryTransact(group []*order) (again bool, err error) {
	err = w.ready()
	w.audit = nil
	if err == nil {
		w.checkpoints.finish(w)
		err = w.exec("BEGIN IMMEDIATE")
	}
	if err == nil {
		for _, o := range group {
			if o.err = o.make(w); o.err != nil && !isRefusal(o.err) {
				err, again = o.err, true
				break
			}
		}
		if err == nil {
			err = w.commit()
		}
		if err == nil && w.checkpoints != nil {
			w.checkpoints.made(len(group))
		}
		if err != nil {
			_ = w.exec("ROLLBACK") // SQLite may have rolled back already
			clear(w.tails)
			clear(w.definitions)
		}
	}
	if err != nil {
		for _, o := range group {
			o.err = err
		}
	}
	return again, err
}

// A Transaction is an attempt to make changes durable.
type Transaction struct {
	Changes int           // how many callers made changes in it; those that were refused count
	Took    time.Duration // from its beginning to its end on the disk
	Err     error         // why it was not made; nil if it was
}

// Observe makes the journal call a function after each transaction, one call at a time. The function
// must not use the journal.
func (s *SQLite) Observe(observer func(Transaction)) {
	s.writer.lead <- struct{}{}
	defer func() { <-s.writer.lead }()
	s.writer.observer = observer
}

// ready returns an error if a transaction would be lost. To ask for each transaction, not for each
// change, matters: four files are examined.
func (w *writer) ready() error {
	if w.here == nil {
		return nil
	}
	return w.here()
}

// commit ends a transaction, and raises the home's generation with it.
func (w *writer) commit() error {
	generation, err := w.raise()
	if err == nil {
		err = w.sealAudit()
	}
	if err == nil {
		err = w.exec("COMMIT")
	}
	if err == nil && w.raised != nil && generation > 0 {
		w.raised(generation)
	}
	return err
}

// background is the context of statements that must not be interrupted.
var background = context.Background()

func (w *writer) prepare(query string) (*sql.Stmt, error) {
	s := w.prepared[query]
	if s == nil {
		var err error
		if s, err = w.conn.PrepareContext(background, query); err != nil {
			return nil, err
		}
		w.prepared[query] = s
	}
	return s, nil
}

func (w *writer) exec(query string, args ...any) error {
	_, err := w.execCount(query, args...)
	return err
}

// execCount returns the number of rows that were changed.
func (w *writer) execCount(query string, args ...any) (int64, error) {
	s, err := w.prepare(query)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(background, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// insert returns the number of the row that was inserted.
func (w *writer) insert(query string, args ...any) (number int64, inserted bool, err error) {
	s, err := w.prepare(query)
	if err != nil {
		return 0, false, err
	}
	result, err := s.ExecContext(background, args...)
	if err != nil {
		return 0, false, err
	}
	rows, err := result.RowsAffected()
	if err != nil || rows == 0 {
		return 0, false, err
	}
	number, err = result.LastInsertId()
	return number, true, err
}

// row reads one row. found is false if there is none.
func (w *writer) row(query string, args []any, into ...any) (found bool, err error) {
	s, err := w.prepare(query)
	if err != nil {
		return false, err
	}
	err = s.QueryRowContext(background, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// close waits for the caller that uses the connection. When the last connection is closed, SQLite
// truncates the log: an old log would damage a backup that is put in the database's place. To
// truncate it more often would slow down commits.
func (w *writer) close() error {
	w.lead <- struct{}{}
	defer func() { <-w.lead }()
	_, err := w.conn.ExecContext(background, "PRAGMA journal_size_limit = 0")
	errs := []error{err}
	for _, s := range w.prepared {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, w.conn.Close())...)
}
