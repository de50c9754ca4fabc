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
	"time"

	"modernc.org/sqlite" // also the driver of that name
	sqlite3 "modernc.org/sqlite/lib"
)

// A SQLite is a journal in a folder, which may be open in several processes, and more than once in one, at the same time:
//
//	journal.db          the runs
//	journal.db-wal      what was committed last; empty when nobody has the journal open
//	journal.db-shm      where in it what is to be found; of no worth when nobody has
//	sessions/ID.lock    a session that is alive, or that died without being closed
//
// The folder must be on a disk of this machine: on network file systems the locks that this rests on are not to be trusted. To copy a
// journal that is open, use SQLite's own means, such as VACUUM INTO.
//
// Changes are committed one transaction after the other, each with its own fsync. Callers that commit at the same time share one:
// each puts its change into a queue, and whoever then gets hold of the writer carries out all that are in it, for the others too.
// So a caller that is alone waits for nobody, and many at once wait for one fsync instead of many. There is no goroutine
// that does this and no delay. A change that is refused is refused by itself; the others in its transaction are made.
//
// Once it is in the queue a change is carried out even when its caller's context ends, and the caller is told what came of it.
type SQLite struct {
	home     string
	file     fs.FileInfo // of journal.db as it was opened
	database *sql.DB     // with the writer's connection only
	writer   *writer
	reader   *reader
}

var _ Journal = (*SQLite)(nil)

// databaseFile is the name of the file in the folder.
const databaseFile = "journal.db"

// patience is how long a connection waits for another process to finish what it writes.
const patience = 5 * time.Second

// Open opens the journal in a folder, which is made where it does not exist. Its errors are a *StoreError or a *VersionError.
func Open(ctx context.Context, home string) (*SQLite, error) {
	return open(ctx, home, patience)
}

func open(ctx context.Context, home string, patience time.Duration) (*SQLite, error) {
	s, err := openFolder(ctx, home, patience)
	if newer, ok := errors.AsType[*VersionError](err); ok {
		return nil, newer
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
	database, err := connect(file, patience, "synchronous(full)")
	if err != nil {
		return nil, err
	}
	database.SetMaxOpenConns(1)
	conn, err := database.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, database.Close())
	}
	if err := migrate(ctx, conn, file, patience); err != nil {
		return nil, errors.Join(err, conn.Close(), database.Close())
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
	opened, err := os.Stat(file)
	if err != nil {
		return nil, errors.Join(err, conn.Close(), database.Close(), readers.Close())
	}
	return &SQLite{home: home, file: opened, database: database, writer: newWriter(conn), reader: newReader(readers)}, nil
}

// here makes sure that the file which is open is the one that others find. SQLite goes on reading and writing one that was removed.
func (s *SQLite) here(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	now, err := os.Stat(filepath.Join(s.home, databaseFile))
	if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(s.file, now) {
		return ErrGone
	}
	return nil // or nobody knows
}

// connect prepares to open a file; nothing is opened yet.
func connect(file string, patience time.Duration, pragma string) (*sql.DB, error) {
	name := url.URL{Scheme: "file", Path: filepath.ToSlash(file), RawQuery: url.Values{
		"_pragma": {fmt.Sprintf("busy_timeout(%d)", patience.Milliseconds()), pragma},
	}.Encode()}
	return sql.Open("sqlite", name.String())
}

// keepFiles has SQLite leave the files beside the database behind when the last connection to it is closed: making them takes longer
// than all else that is done to open a journal.
func keepFiles(conn *sql.Conn) error {
	return conn.Raw(func(c any) error {
		_, err := c.(sqlite.FileControl).FileControlPersistWAL("main", 1)
		return err
	})
}

// makeFolder makes a folder that is there after a loss of power, and those above it.
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
		return nil // somebody else was faster
	}
	if err != nil {
		return err
	}
	f, err := os.Open(above)
	if err != nil {
		return nil //nolint:nilerr // a folder that may be written to but not read
	}
	_ = f.Sync() // not every system can
	return f.Close()
}

// Close waits for commits that are under way and closes the journal. Its sessions stay alive.
func (s *SQLite) Close() error {
	err := errors.Join(s.reader.close(), s.writer.close(), s.database.Close())
	if err != nil {
		return failure("close", err)
	}
	return nil
}

// failure is the *StoreError for an error of the database, of the file system or of a context.
func failure(doing string, err error) error {
	return &StoreError{Doing: doing, Locked: isLocked(err), Err: err}
}

// isLocked tells whether another connection is in the way.
func isLocked(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code()&0xff == sqlite3.SQLITE_BUSY || e.Code()&0xff == sqlite3.SQLITE_LOCKED)
}

// Check has SQLite look through the whole file. Its error says what is damaged.
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

func (s *SQLite) Definition(_ context.Context, digest string) ([]byte, error) {
	return nil, ErrNotFound
}
