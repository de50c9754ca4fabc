package journal

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
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
}

var (
	//go:embed schema.sql
	version1 string
	//go:embed version2.sql
	version2 string
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

// migrate brings a database to the version of this program, in one transaction. It writes nothing
// to a database that has this version.
func migrate(ctx context.Context, conn *sql.Conn, file string, patience time.Duration) error {
	switch version, err := userVersion(ctx, conn); {
	case err != nil:
		return err
	case version == len(migrations):
		return nil
	case version > len(migrations):
		return &VersionError{File: file, Found: version, Known: len(migrations)}
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
	version, err := userVersion(ctx, conn)
	if err != nil {
		return err
	}
	if version > len(migrations) {
		return &VersionError{File: file, Found: version, Known: len(migrations)}
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
	_, err = conn.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(migrations)))
	return err
}

func userVersion(ctx context.Context, conn *sql.Conn) (version int, err error) {
	err = conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
	return version, err
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
