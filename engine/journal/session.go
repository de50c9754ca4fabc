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

// Join implements Presence. A session is a file of its own with a lock of the operating system on it, which goes when the process
// does, however it ends. What it is about is the file's content.
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

// sweep removes what is left of dead sessions that hold no run: nobody asks for them any more. Whoever takes over a run is told what
// the session was about that held it.
func (s *SQLite) sweep(folder string) error {
	files, err := os.ReadDir(folder)
	for _, f := range files {
		if id, ok := strings.CutSuffix(f.Name(), locked); ok {
			s.ask(id, true)
		}
	}
	return err
}

// join makes a session, or none where somebody swept its file away before it was locked.
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
	_ = os.Remove(file) // it is nobody's
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return nil, err
}

// Alive implements Presence. What a dead session was about is known for as long as it holds a run.
func (s *SQLite) Alive(id string) (about string, alive bool) { return s.ask(id, false) }

func (s *SQLite) ask(id string, sweep bool) (about string, alive bool) {
	if strings.Trim(id, "abcdefghijklmnopqrstuvwxyz234567") != "" || id == "" {
		return "", false // no session of this journal
	}
	file := filepath.Join(s.home, sessions, id+locked)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", false
	}
	lock := flock.New(file, flock.SetFlag(os.O_RDONLY))
	ok, err := lock.TryRLock() // shared, so that those who ask at the same time do not take each other for the session
	defer func() { _ = lock.Close() }()
	if !ok {
		return string(text), !errors.Is(err, fs.ErrNotExist) // where it cannot be known, nothing is taken away from it
	}
	if sweep && !s.reader.holds(id) {
		_ = os.Remove(file) // while nobody else can lock it
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

// newSessionID is 16 characters of a-z and 2-7: 80 bits.
func newSessionID() string { return strings.ToLower(rand.Text()[:16]) }
