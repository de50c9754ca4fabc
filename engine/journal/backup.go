package journal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
)

// Backup writes a consistent copy of the database, as it is at one moment, into a folder that
// nobody else uses. It returns the file. Commits go on meanwhile.
func (s *SQLite) Backup(ctx context.Context, folder string) (file string, err error) {
	const doing = "back up"
	if err := s.here(ctx); err != nil {
		return "", failure(doing, err)
	}
	// The connections of readers may not make a copy.
	database, err := connect(filepath.Join(s.home, databaseFile), patience, "synchronous(full)")
	if err != nil {
		return "", failure(doing, err)
	}
	file = filepath.Join(folder, databaseFile)
	_, err = database.ExecContext(ctx, "VACUUM INTO ?", file)
	if err = errors.Join(err, database.Close()); err != nil {
		return "", failure(doing, err)
	}
	return file, nil
}

// Install moves the database of a folder into a home that has none. The folder must be on the same
// disk, and nobody may have either open.
func Install(folder, home string) error {
	for _, name := range []string{databaseFile + "-wal", databaseFile + "-shm"} {
		if err := os.Remove(filepath.Join(home, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return failure("install", err)
		}
	}
	if err := os.Rename(filepath.Join(folder, databaseFile), filepath.Join(home, databaseFile)); err != nil {
		return failure("install", err)
	}
	syncFolder(home)
	return nil
}
