package journal

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// A migration is a step that brings a database to the next version.
type migration struct {
	sql string
	// texts converts what SQL cannot; may be nil.
	texts func(ctx context.Context, conn *sql.Conn) error
}

// migrations lead from an empty file to the present version, which is their number. SQLite stores
// the version of a file as its user_version. Append a migration and edit latest.sql; never edit a
// migration.
var migrations = []migration{
	{sql: version1},
	{sql: version2, texts: textsToVersion2},
	{sql: version3},
	{sql: version4},
	{sql: version5},
}

var (
	//go:embed schema.sql
	version1 string
	//go:embed version2.sql
	version2 string
	//go:embed version3.sql
	version3 string
	//go:embed version4.sql
	version4 string
	//go:embed version5.sql
	version5 string
	//go:embed latest.sql
	latestSchema string
)

// A VersionError says that a newer program than this one has written a journal. The journal was not
// changed.
type VersionError struct {
	File         string
	Found, Known int
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s has version %d, and this program knows versions up to %d: a newer errand has written it", e.File, e.Found, e.Known)
}

// A ForeignError says that a file is a database, but not a journal. It was not changed.
type ForeignError struct{ File, Reason string }

func (e *ForeignError) Error() string { return e.File + " is not a journal of errand: " + e.Reason }

// applicationID is what a journal says of itself in SQLite's application_id: the letters ERRD.
// Version 1 did not set it.
const applicationID = 0x45525244

// migrate brings a database to the version of this program, in one transaction. It writes nothing
// to a database that has this version.
func migrate(ctx context.Context, conn *sql.Conn, file string, patience time.Duration) error {
	switch version, err := identify(ctx, conn, file); {
	case err != nil:
		return err
	case version == len(migrations):
		return nil
	case version == 0:
		// SQLite gives its other files the mode of this one. Only SQLite opens the file: if this
		// process closed it once more, it would lose the locks that another connection holds on it.
		if err := os.Chmod(file, 0o600); err != nil {
			return err
		}
	}
	if err := useWAL(ctx, conn, patience); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := migrateInside(ctx, conn, file); err != nil {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		return err
	}
	_, err := conn.ExecContext(ctx, "COMMIT")
	return err
}

// migrateInside migrates inside a transaction. It reads the version again, because several
// processes may have found the same old version.
func migrateInside(ctx context.Context, conn *sql.Conn, file string) error {
	version, err := identify(ctx, conn, file)
	if err != nil {
		return err
	}
	steps := migrations[version:]
	if version == 0 {
		steps = []migration{{sql: latestSchema}}
	}
	for _, m := range steps {
		if _, err := conn.ExecContext(ctx, m.sql); err != nil {
			return err
		}
		if m.texts == nil {
			continue
		}
		if err := m.texts(ctx, conn); err != nil {
			return err
		}
	}
	_, err = conn.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d; PRAGMA application_id = %d", len(migrations), applicationID))
	return err
}

// identity reads what a database says of itself, and which of its tables are a journal's. It is one
// statement, so that another process that migrates the file changes all of the answer or nothing.
const identity = `SELECT v.user_version, a.application_id, (SELECT count(*) FROM sqlite_master),
	(SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('definitions', 'runs', 'entries'))
	FROM pragma_user_version v, pragma_application_id a`

// identify returns the version of a journal; 0 is that of an empty file. Its errors are a
// *ForeignError, a *VersionError or SQLite's.
func identify(ctx context.Context, conn *sql.Conn, file string) (version int, err error) {
	var application, tables, own int
	err = conn.QueryRowContext(ctx, identity).Scan(&version, &application, &tables, &own)
	switch {
	case err != nil:
		return 0, err
	case application == applicationID && version > len(migrations):
		return 0, &VersionError{File: file, Found: version, Known: len(migrations)}
	case application == applicationID && version > 1:
		return version, nil
	case application != 0:
		return 0, &ForeignError{File: file, Reason: fmt.Sprintf("it is a database of another program (application_id %d)", application)}
	case version == 0 && tables == 0: // a new file
		return 0, nil
	case version != 1 || own != 3:
		return 0, &ForeignError{File: file, Reason: fmt.Sprintf("it is a database of another program (user_version %d)", version)}
	}
	return version, nil
}

// ensureWAL makes a database use a write-ahead log if it does not: a copy that VACUUM INTO made
// does not. The file of the log says so cheaply, because SQLite creates it when it first reads.
func ensureWAL(ctx context.Context, conn *sql.Conn, file string, patience time.Duration) error {
	if _, err := os.Stat(file + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return useWAL(ctx, conn, patience)
}

// useWAL makes the database use a write-ahead log from now on. SQLite does not wait for other
// connections here, so this function does.
func useWAL(ctx context.Context, conn *sql.Conn, patience time.Duration) error {
	deadline := time.Now().Add(patience)
	for {
		var mode string
		err := conn.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode)
		if err == nil && mode != "wal" {
			return errors.New("the folder's file system does not support a write-ahead log")
		}
		if err == nil || !isLocked(err) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}
