package journal

import (
	"context"
	"database/sql"
	"errors"
	"runtime"
	"sync"
)

// A writer carries out changes on the one connection that writes, in groups: see SQLite.
type writer struct {
	conn     *sql.Conn
	prepared map[string]*sql.Stmt // by their text

	lead  chan struct{} // full while somebody uses conn and prepared
	mu    sync.Mutex
	queue []*order
}

// An order is one caller's change.
type order struct {
	make func(*writer) error
	err  error
	done chan struct{} // closed when it is made, refused or failed
}

func newWriter(conn *sql.Conn) *writer {
	return &writer{conn: conn, prepared: map[string]*sql.Stmt{}, lead: make(chan struct{}, 1)}
}

// submit makes a change and returns when it is durable. The function that makes it returns a refusal before it has written anything.
func (w *writer) submit(change func(*writer) error) error {
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
	// Those whose last change was made a moment ago are about to queue the next one. Without this the first of them would have a
	// transaction for itself, and the others would wait for its fsync.
	runtime.Gosched()
	w.mu.Lock()
	group := w.queue
	w.queue = nil
	w.mu.Unlock()
	w.carryOut(group)
	return o.err
}

// carryOut makes the changes of a group. Where one of them fails, as by being too large, each is tried by itself.
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

// transact makes changes in one transaction. again tells that none was made because of one that failed.
func (w *writer) transact(group []*order) (again bool) {
	err := w.exec("BEGIN IMMEDIATE")
	if err == nil {
		for _, o := range group {
			if o.err = o.make(w); o.err != nil && !isRefusal(o.err) {
				err, again = o.err, true
				break
			}
		}
		if err == nil {
			err = w.exec("COMMIT")
		}
		if err != nil {
			_ = w.exec("ROLLBACK") // SQLite may have done it already
		}
	}
	if err != nil {
		for _, o := range group {
			o.err = err
		}
	}
	return again
}

// isRefusal tells a change that was not made from one that failed.
func isRefusal(err error) bool {
	if _, exists := errors.AsType[*ExistsError](err); exists {
		return true
	}
	return errors.Is(err, ErrNotFound) || errors.Is(err, ErrMoved) || errors.Is(err, ErrCancel)
}

// background is for what must not be interrupted half-way.
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

// execCount tells how many rows were changed.
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

// row reads one row; found is false where there is none.
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

// close waits for the one that leads. The last one to close a journal empties its log, which otherwise would spoil a backup that is put
// in the database's place; emptying it more often would slow commits down.
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
