package journal

import (
	"sync"
	"sync/atomic"
)

// A checkpointer copies journal.db-wal into the database beside the transactions. SQLite does it by
// itself, but inside a transaction, which then waits for the whole copy: up to a tenth of a second.
// Meanwhile transactions make the log longer, so the copy is never complete; the next transaction
// copies the little that is left, and the log begins anew.
type checkpointer struct {
	reader  *reader
	pages   int         // of the log since the last copy, estimated; only the caller that has the writer uses it
	running atomic.Bool // a copy is under way
	left    atomic.Bool // a copy has ended, and some of the log may be left
	group   sync.WaitGroup
}

// After checkpointPages, of 4 KiB, the log is copied. A transaction writes about pagesEach pages, and
// changePages more for each of its changes.
const (
	checkpointPages = 8000
	pagesEach       = 8
	changePages     = 2
)

const checkpointQuery = "PRAGMA wal_checkpoint(PASSIVE)"

// made counts the changes of a transaction, and begins a copy if it is time for one.
func (c *checkpointer) made(changes int) {
	c.pages += pagesEach + changePages*changes
	if c.pages < checkpointPages || !c.running.CompareAndSwap(false, true) {
		return
	}
	c.pages = 0
	c.group.Go(func() {
		defer c.running.Store(false)
		rows, err := c.reader.query(checkpointQuery)
		if err != nil {
			return // the next copy has more to do; and SQLite copies a log that is too long
		}
		rows.Next()
		_ = rows.Close()
		c.left.Store(true)
	})
}

// finish copies what a copy has left. It must not be called inside a transaction. If the copy fails,
// nothing is lost, and no transaction is refused: everything is still in the log.
func (c *checkpointer) finish(w *writer) {
	if c == nil || !c.left.CompareAndSwap(true, false) {
		return
	}
	var busy, pages, copied int
	_, _ = w.row(checkpointQuery, nil, &busy, &pages, &copied)
}

// close waits for a copy that is under way.
func (c *checkpointer) close() {
	if c != nil {
		c.group.Wait()
	}
}
