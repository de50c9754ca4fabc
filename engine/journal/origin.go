package journal

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"errand/engine"
)

// An Origin reports whether a journal is a copy: a folder that was copied, or one into which an
// older database was put back. The other journal may have continued the open runs of a copy.
type Origin interface {
	// Standing returns what the journal is, and since when it is a copy, adopted or not. Its error
	// is a *StoreError.
	Standing(ctx context.Context) (s Standing, since time.Time, err error)
	// Isolate makes the journal count as a copy. All open runs then wait for adoption with the
	// reason, except those that a living session holds. The sessions of browsers are deleted: a copy
	// may have some that have ended elsewhere. Its error is a *StoreError.
	Isolate(ctx context.Context, reason string) error
	// Adopt makes a copy a home of its own. The runs that wait for adoption go on waiting. Its
	// error is a *StoreError.
	Adopt(ctx context.Context) error
}

// adoptionWaits returns what an open run in a copy waits for.
func adoptionWaits(reason string, at time.Time) []engine.Wait {
	return []engine.Wait{{For: engine.WaitAdoption, Since: at, Reason: reason}}
}

// Isolated reports whether a run waits for adoption.
func (r *Run) Isolated() bool { return isIsolated(r.Waits) }

func isIsolated(waits []engine.Wait) bool {
	return len(waits) > 0 && waits[0].For == engine.WaitAdoption
}

// notIsolated is the SQL condition that a run does not wait for adoption.
const notIsolated = `coalesce(CASE WHEN json_valid(waits) THEN waits ->> '$[0].for' END, '') <> 'adoption'`

// An origin is the Origin of a folder.
type origin struct {
	folder string
	file   *os.File               // home.id, open for reading and writing
	last   atomic.Pointer[homeID] // what was read last
}

// openOrigin opens home.id and compares it with the database. It makes the file of a new home, and
// isolates a home that is a copy. The file is read before the row, because a commit changes them in
// the other order.
func openOrigin(w *writer, folder string) (*origin, error) {
	o := &origin{folder: folder}
	w.raised = o.raised
	reason, known, err := o.compare(w)
	if err == nil && reason == "" && known {
		return o, nil
	}
	if err == nil {
		err = w.submit(background, func(w *writer) error { return o.identify(w) })
	}
	if err != nil {
		return nil, errors.Join(err, o.close())
	}
	return o, nil
}

// compare opens home.id, if there is one, and returns why it does not belong to the database, or
// "". known reports whether the database has an id.
func (o *origin) compare(w *writer) (reason string, known bool, err error) {
	if o.file == nil {
		o.file, err = os.OpenFile(filepath.Join(o.folder, idFile), os.O_RDWR, 0)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", false, err
		}
	}
	var m homeID
	var read bool
	var file fileIdentity
	if o.file != nil {
		m, read = readHomeID(o.file)
		file = identifyFile(o.file)
	}
	row, known, err := w.storedID()
	return differs(row, known, m, read, file), known, err
}

// identify makes the id of a new home or isolates a copy, inside a transaction. It compares again,
// because several processes may open the home at the same time.
func (o *origin) identify(w *writer) error {
	reason, known, err := o.compare(w)
	switch {
	case err != nil:
		return err
	case reason != "":
		return o.isolate(w, reason, "[]")
	case known:
		return nil
	}
	return o.renew(w, Original, time.Time{})
}

// renew makes a new id for the home, inside a transaction. Until the commit home.id has another
// nonce than the database, or, if the database has none, no generation. A process that still has an
// older database open may write its generation into the file, so the new one is far beyond it.
func (o *origin) renew(w *writer, s Standing, since time.Time) error {
	if o.file == nil {
		f, err := os.OpenFile(filepath.Join(o.folder, idFile), os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return err
		}
		o.file = f
	}
	before, _ := readHomeID(o.file)
	m := homeID{nonce: newNonce(), standing: s}
	if !since.IsZero() {
		m.since = since.UnixNano()
	}
	if err := writeHomeID(o.file, m); err != nil {
		return err
	}
	syncFolder(o.folder)
	file := identifyFile(o.file)
	return w.exec(`INSERT INTO home (number, nonce, inode, born, generation) VALUES (1, ?, ?, ?, 0)
		ON CONFLICT (number) DO UPDATE SET nonce = excluded.nonce, inode = excluded.inode, born = excluded.born,
		generation = max(generation, ?) + 1000000`,
		[]byte(m.nonce), orNull(file.inode), orNull(file.born), before.generation)
}

// isolate makes the home a copy, inside a transaction. All open runs wait for adoption, except
// those of the sessions in alive, a JSON list. The list is empty for a home that was found to be a
// copy: a session that seems to be alive may belong to the other home, or to files that are gone.
func (o *origin) isolate(w *writer, reason, alive string) error {
	now := time.Now().Round(0).UTC()
	waits, err := encodeList(adoptionWaits(reason, now))
	if err != nil {
		return err
	}
	err = w.exec(`UPDATE runs SET status = CASE status WHEN 'running' THEN 'waiting' ELSE status END, wake = NULL, waits = ?, holder = ''
		WHERE ended IS NULL AND holder NOT IN (SELECT value FROM json_each(?))`, waits, alive)
	if err != nil {
		return err
	}
	if err := w.exec(`DELETE FROM browser_sessions`); err != nil {
		return err
	}
	return o.renew(w, Copied, now)
}

// livingHolders returns the living sessions that hold runs, as JSON.
func (o *origin) livingHolders(w *writer) (string, error) {
	var held string
	_, err := w.row(`SELECT json_group_array(DISTINCT holder) FROM runs WHERE ended IS NULL AND holder <> ''`, nil, &held)
	if err != nil {
		return "", err
	}
	holders, err := decodeList[string]([]byte(held))
	alive := []string{}
	for _, id := range holders {
		if _, lives := o.sign(id); lives {
			alive = append(alive, id)
		}
	}
	if err != nil {
		return "", err
	}
	data, err := json.Marshal(alive)
	return string(data), err
}

// raised writes the generation into home.id after a commit.
func (o *origin) raised(generation int64) { writeGeneration(o.file, generation) }

func (o *origin) close() error {
	if o.file == nil {
		return nil
	}
	return o.file.Close()
}

// read reads home.id. Its generation may be an older one. If the rest has not changed since the last
// time, which is so at nearly every start of a run, one look is enough.
func (o *origin) read() (homeID, bool) {
	if last := o.last.Load(); last != nil && hasText(o.file, last.text()[:generationAt]) {
		return *last, true
	}
	m, read := readHomeID(o.file)
	if read {
		o.last.Store(&m)
	}
	return m, read
}

// storedID returns the id in the database, or false if it has none.
func (w *writer) storedID() (row storedID, known bool, err error) {
	var nonce []byte
	var inode, born *int64
	known, err = w.row(`SELECT nonce, inode, born, generation FROM home`, nil, &nonce, &inode, &born, &row.generation)
	row.nonce = string(nonce)
	if inode != nil && born != nil {
		row.fileIdentity = fileIdentity{inode: *inode, born: *born}
	}
	return row, known, err
}

// raise raises the generation inside a transaction, and returns it. It returns 0 if the database
// has no id.
func (w *writer) raise() (generation int64, err error) {
	_, err = w.row(`UPDATE home SET generation = generation + 1 RETURNING generation`, nil, &generation)
	return generation, err
}

// Standing implements Origin.
func (s *SQLite) Standing(ctx context.Context) (Standing, time.Time, error) {
	m, read := s.origin.read()
	if !read {
		if err := s.here(ctx); err != nil {
			return "", time.Time{}, failure("read home.id", err)
		}
		return Copied, time.Now(), nil
	}
	return m.standing, m.time(), nil
}

// Isolate implements Origin.
func (s *SQLite) Isolate(ctx context.Context, reason string) error {
	return s.submit(ctx, "isolate", func(w *writer) error {
		alive, err := s.origin.livingHolders(w)
		if err != nil {
			return err
		}
		return s.origin.isolate(w, reason, alive)
	})
}

// Adopt implements Origin.
func (s *SQLite) Adopt(ctx context.Context) error {
	return s.submit(ctx, "adopt", func(w *writer) error {
		m, _ := readHomeID(s.origin.file)
		if m.standing != Copied {
			return nil
		}
		return s.origin.renew(w, Adopted, m.time())
	})
}

// submit makes a change in a transaction.
func (s *SQLite) submit(ctx context.Context, doing string, change func(*writer) error) error {
	if err := s.writer.submit(ctx, change); err != nil {
		return failure(doing, err)
	}
	return nil
}

// NoticesCopies reports whether a copy of the whole folder would be noticed. It is not if the file
// system does not say when home.id was created.
func (s *SQLite) NoticesCopies() bool { return identifyFile(s.origin.file) != fileIdentity{} }

// orNull returns nil for 0.
func orNull(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}
