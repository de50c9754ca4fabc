package journal

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// Join implements Presence. Each session is a file, whose content is about. The process holds an
// operating system's lock on it, which is released when the process ends, for whatever reason.
func (s *SQLite) Join(about string) (Session, error) {
	folder := filepath.Join(s.home, sessions)
	err := os.MkdirAll(folder, 0o700)
	if err == nil {
		err = s.sweep(folder)
	}
	for err == nil {
		var joined *fileSession
		if joined, err = join(folder, about); joined != nil {
			return joined, nil
		}
	}
	return nil, failure("join", err)
}

const (
	sessions = "sessions"
	locked   = ".lock"
)

// sweep removes the files of dead sessions that hold no run. The files of those that hold one are
// kept, because the process that takes over the run reads who held it.
func (s *SQLite) sweep(folder string) error {
	files, err := os.ReadDir(folder)
	for _, f := range files {
		if id, ok := strings.CutSuffix(f.Name(), locked); ok {
			s.ask(id, true)
		}
	}
	return err
}

// join creates a session. It returns nil if a sweep removed the file before it was locked.
func join(folder, about string) (*fileSession, error) {
	id := newSessionID()
	file := filepath.Join(folder, id+locked)
	if err := os.WriteFile(file, []byte(about), 0o600); err != nil {
		return nil, err
	}
	lock := flock.New(file, flock.SetFlag(os.O_RDWR))
	ok, err := lock.TryLock()
	if ok {
		if _, err = os.Stat(file); err == nil {
			return &fileSession{id: id, lock: lock}, nil
		}
	}
	err = errors.Join(err, lock.Close())
	_ = os.Remove(file) // it belongs to no session
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return nil, err
}

// Alive implements Presence. For a dead session it returns about as long as the session holds a
// run.
func (s *SQLite) Alive(id string) (about string, alive bool) { return s.ask(id, false) }

// ask reports whether a session is alive. With sweep it removes the file of a dead session that
// holds no run.
func (s *SQLite) ask(id string, sweep bool) (about string, alive bool) {
	if strings.Trim(id, "abcdefghijklmnopqrstuvwxyz234567") != "" || id == "" {
		return "", false // such a session cannot exist
	}
	file := filepath.Join(s.home, sessions, id+locked)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", false
	}
	lock := flock.New(file, flock.SetFlag(os.O_RDONLY))
	ok, err := lock.TryRLock() // shared, so that two callers do not see each other's lock
	defer func() { _ = lock.Close() }()
	if !ok {
		return string(text), !errors.Is(err, fs.ErrNotExist) // if in doubt, it is alive
	}
	if sweep && !s.reader.holds(id) {
		_ = os.Remove(file) // while this lock keeps others from locking it
	}
	return string(text), false
}

type fileSession struct {
	id   string
	lock *flock.Flock
}

func (s *fileSession) ID() string { return s.id }

func (s *fileSession) Close() error {
	err := s.lock.Close()
	if removed := os.Remove(s.lock.Path()); !errors.Is(removed, fs.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	if err != nil {
		return failure("leave", err)
	}
	return nil
}

// newSessionID returns 16 characters of a-z and 2-7, which are 80 bits.
func newSessionID() string { return strings.ToLower(rand.Text()[:16]) }
