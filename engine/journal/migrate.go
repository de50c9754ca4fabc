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

// migrations are what brings a database to the next version, which SQLite keeps as its user_version; the first begins with an
// empty file. They are appended to and never edited.
var migrations = []string{
	schema,
}

//go:embed schema.sql
var schema string

// A VersionError says that a journal was written by a newer program than this one. Nothing in it was changed.
type VersionError struct {
	File         string
	Found, Known int
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s has version %d, and this program knows versions up to %d: a newer errand has written it", e.File, e.Found, e.Known)
}

// migrate brings a database to the version of this program. It writes nothing to one that is.
func migrate(ctx context.Context, conn *sql.Conn, file string, patience time.Duration) error {
	switch version, err := userVersion(ctx, conn); {
	case err != nil:
		return err
	case version == len(migrations):
		return nil
	case version > len(migrations):
		return &VersionError{File: file, Found: version, Known: len(migrations)}
	case version == 0:
		// SQLite gives its other files the mode of this one. It is opened by nobody but SQLite: to close it once more in
		// this process would give up the locks that another connection holds on it.
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

// migrateInside looks again, now that nobody else can write: several processes may have found the same old version.
func migrateInside(ctx context.Context, conn *sql.Conn, file string) error {
	version, err := userVersion(ctx, conn)
	if err != nil {
		return err
	}
	if version > len(migrations) {
		return &VersionError{File: file, Found: version, Known: len(migrations)}
	}
	for _, step := range migrations[version:] {
		if _, err := conn.ExecContext(ctx, step); err != nil {
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

// useWAL makes the write-ahead log the database's journal, which it stays. SQLite does not wait for others here, so this does.
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
