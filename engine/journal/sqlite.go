package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"time"

	"modernc.org/sqlite" // also the driver of that name
	sqlite3 "modernc.org/sqlite/lib"
)

// A SQLite is a journal in a folder. Several processes may have it open at the same time, each of
// them more than once:
//
//	journal.db          the runs
//	journal.db-wal      the last commits; empty if nobody has the journal open
//	journal.db-shm      an index of journal.db-wal; unused if nobody has the journal open
//	home.id             an id by which a copy of the folder is noticed: see homeID
//	sessions/ID.lock    a session that is alive, or that died without being closed
//
// The folder must be on a local disk: the locks of network file systems are not reliable. To copy a
// journal that is open, use SQLite's own means, such as VACUUM INTO.
//
// Transactions are committed one after the other, each with its own fsync. Callers that commit at
// the same time share a transaction: each puts its change into a queue, and the caller that gets
// the writer makes all queued changes. So a single caller waits for nobody, and many callers wait
// for one fsync instead of many. This needs no goroutine and no delay. If a change is refused, the
// others in its transaction are still made.
//
// A change that is in the queue is made even if its caller's context ends, and the caller gets its
// outcome.
type SQLite struct {
	home     string
	files    []openFile
	origin   *origin
	database *sql.DB // has only the writer's connection
	writer   *writer
	reader   *reader
	looked   atomic.Int64 // when a read has last looked whether the files are here, in nanoseconds since 1970
}

var _ Journal = (*SQLite)(nil)

// databaseFile is the name of the database in the folder.
const databaseFile = "journal.db"

// patience is how long a connection waits for another process that writes.
const patience = 5 * time.Second

// walPages is how many pages of 4 KiB journal.db-wal has when SQLite itself copies it into the
// database. It does so inside a transaction, so the journal copies it before: see checkpointer.
const walPages = 40_000

// Open opens the journal in a folder, and creates the folder if it does not exist. It brings the
// journal to the version of this program. Its errors are a *StoreError, a *VersionError
// or a *ForeignError.
func Open(ctx context.Context, home string) (*SQLite, error) {
	return open(ctx, home, patience)
}

func open(ctx context.Context, home string, patience time.Duration) (*SQLite, error) {
	s, err := openFolder(ctx, home, patience)
	if newer, ok := errors.AsType[*VersionError](err); ok {
		return nil, newer
	}
	if foreign, ok := errors.AsType[*ForeignError](err); ok {
		return nil, foreign
	}
	if err != nil {
		return nil, failure("open "+home, err)
	}
	return s, nil
}

func openFolder(ctx context.Context, home string, patience time.Duration) (*SQLite, error) {
	home, err := filepath.Abs(home)
	if err != nil {
		return nil, err
	}
	if err := makeFolder(home); err != nil {
		return nil, err
	}
	file := filepath.Join(home, databaseFile)
	database, err := connect(file, patience, "synchronous(full)", "wal_autocheckpoint("+strconv.Itoa(walPages)+")")
	if err != nil {
		return nil, err
	}
	database.SetMaxOpenConns(1)
	conn, err := database.Conn(ctx)
	if err != nil {
		return nil, errors.Join(explained(err, file), database.Close())
	}
	err = migrate(ctx, conn, file, patience)
	if err == nil {
		err = ensureWAL(ctx, conn, file, patience)
	}
	if err != nil {
		return nil, errors.Join(explained(err, file), conn.Close(), database.Close())
	}
	if err := keepFiles(conn); err != nil {
		return nil, errors.Join(err, conn.Close(), database.Close())
	}
	readers, err := connect(file, patience, "query_only(on)")
	if err != nil {
		return nil, errors.Join(err, conn.Close(), database.Close())
	}
	readers.SetMaxOpenConns(4)
	readers.SetMaxIdleConns(4)
	w := newWriter(conn)
	from, err := openOrigin(w, home)
	if err != nil {
		return nil, errors.Join(err, w.close(), database.Close(), readers.Close())
	}
	s := &SQLite{home: home, origin: from, database: database, writer: w, reader: newReader(readers)}
	w.checkpoints = &checkpointer{reader: s.reader}
	s.files, err = statFiles(home)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	w.here = func() error { return filesAreHere(s.files) }
	return s, nil
}

// An openFile is a file of the folder as it was when the journal was opened.
type openFile struct {
	path string
	info fs.FileInfo
}

// statFiles examines the files without which a commit is lost, or a copy is not noticed.
func statFiles(home string) (files []openFile, err error) {
	for _, name := range []string{databaseFile, databaseFile + "-wal", databaseFile + "-shm", idFile} {
		path := filepath.Join(home, name)
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		files = append(files, openFile{path, info})
	}
	return files, nil
}

// lookAgain is how long a read trusts that the files are here: a read takes less time than the look.
// Each transaction looks.
const lookAgain = 10 * time.Millisecond

// here returns a *GoneError if an open file is not the one that other processes find. SQLite itself
// goes on reading and writing a file that was removed.
func (s *SQLite) here(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	now := time.Now().UnixNano()
	if before := s.looked.Load(); now-before >= 0 && now-before < lookAgain.Nanoseconds() {
		return nil
	}
	if err := filesAreHere(s.files); err != nil {
		return err
	}
	s.looked.Store(now)
	return nil
}

func filesAreHere(files []openFile) error {
	for _, f := range files {
		now, err := os.Stat(f.path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(f.info, now) {
			return &GoneError{File: filepath.Base(f.path)}
		}
	}
	return nil // also if a file cannot be examined
}

// connect prepares to open a file. It opens nothing yet.
func connect(file string, patience time.Duration, pragmas ...string) (*sql.DB, error) {
	name := url.URL{Scheme: "file", Path: filepath.ToSlash(file), RawQuery: url.Values{
		"_pragma": append([]string{fmt.Sprintf("busy_timeout(%d)", patience.Milliseconds())}, pragmas...),
	}.Encode()}
	return sql.Open("sqlite", name.String())
}

// keepFiles makes SQLite keep journal.db-wal and journal.db-shm when the last connection is closed:
// to create them takes longer than everything else that opens a journal.
func keepFiles(conn *sql.Conn) error {
	return conn.Raw(func(c any) error {
		_, err := c.(sqlite.FileControl).FileControlPersistWAL("main", 1)
		return err
	})
}

// makeFolder creates a folder, and those above it, so that it survives a loss of power.
func makeFolder(folder string) error {
	if _, err := os.Stat(folder); err == nil {
		return nil
	}
	err := os.Mkdir(folder, 0o700)
	above := filepath.Dir(folder)
	if errors.Is(err, fs.ErrNotExist) && above != folder {
		if err := makeFolder(above); err != nil {
			return err
		}
		err = os.Mkdir(folder, 0o700)
	}
	if errors.Is(err, fs.ErrExist) {
		return nil // another process was faster
	}
	if err != nil {
		return err
	}
	syncFolder(above)
	return nil
}

// syncFolder makes the names in a folder survive a loss of power, if the system supports that and
// the folder can be read.
func syncFolder(folder string) {
	f, err := os.Open(folder)
	if err != nil {
		return
	}
	_ = f.Sync()
	_ = f.Close()
}

// Close waits for running commits and closes the journal. Its sessions stay alive.
func (s *SQLite) Close() error {
	s.writer.checkpoints.close()
	err := errors.Join(s.reader.close(), s.writer.close(), s.database.Close(), s.origin.close())
	if err != nil {
		return failure("close", err)
	}
	return nil
}

// failure returns the *StoreError for an error of the database, of the file system or of a context.
func failure(doing string, err error) error {
	return &StoreError{Doing: doing, Locked: isLocked(err), Err: err}
}

// isLocked reports whether another connection holds a lock that the statement needs.
func isLocked(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code()&0xff == sqlite3.SQLITE_BUSY || e.Code()&0xff == sqlite3.SQLITE_LOCKED)
}

// Check reads the whole database. Its error says what is damaged.
func (s *SQLite) Check(ctx context.Context) error {
	var found string
	if err := s.reader.database.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&found); err != nil {
		return failure("check", err)
	}
	if found != "ok" {
		return failure("check", errors.New(found))
	}
	return nil
}
