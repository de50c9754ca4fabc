package journal

import (
	"crypto/rand"
	"errors"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// Join implements Presence. Each session has two signs of life: a file, whose content is about,
// with an operating system's lock on it, and a lock on a byte of home.id. The system releases both
// when the process ends, for whatever reason. If the file is missing, the other sign decides.
func (s *SQLite) Join(about string) (Session, error) {
	folder := filepath.Join(s.home, sessions)
	err := os.MkdirAll(folder, 0o700)
	if err == nil {
		err = s.sweep(folder)
	}
	for err == nil {
		var joined *fileSession
		if joined, err = join(folder, about); joined != nil {
			joined.second = s.origin.join(joined.id)
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
		id, ok := strings.CutSuffix(f.Name(), locked)
		if !ok {
			continue
		}
		if _, alive := s.origin.sign(id); !alive && !s.reader.holds(id) {
			removeDead(filepath.Join(folder, f.Name()))
		}
	}
	return err
}

// removeDead removes the file of a dead session, while a lock keeps others from locking it.
func removeDead(file string) {
	lock := flock.New(file, flock.SetFlag(os.O_RDONLY))
	if ok, _ := lock.TryRLock(); ok {
		_ = os.Remove(file)
	}
	_ = lock.Close()
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

// join locks the byte of home.id that belongs to a session, with an open file of its own. It
// returns nil if the system does not support that.
func (o *origin) join(id string) *os.File {
	f, err := os.OpenFile(filepath.Join(o.folder, idFile), os.O_RDWR, 0)
	if err != nil {
		return nil
	}
	if err := lockByte(f, byteOf(id)); err != nil {
		_ = f.Close()
		return nil
	}
	return f
}

// byteOf returns the offset of the byte that belongs to a session. It is beyond the end of home.id.
func byteOf(id string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id))
	return 1<<32 + int64(h.Sum64()>>3)
}

// Alive implements Presence. For a dead session it returns about as long as the session holds a
// run.
func (s *SQLite) Alive(id string) (about string, alive bool) { return s.origin.sign(id) }

// sign reports whether a session shows a sign of life. If its file is missing and the system cannot
// say whether the byte is locked, the session counts as alive.
func (o *origin) sign(id string) (about string, alive bool) {
	if strings.Trim(id, "abcdefghijklmnopqrstuvwxyz234567") != "" || id == "" {
		return "", false // such a session cannot exist
	}
	file := filepath.Join(o.folder, sessions, id+locked)
	text, err := os.ReadFile(file)
	missing := errors.Is(err, fs.ErrNotExist)
	if !missing && isLockedFile(file) {
		return string(text), true
	}
	byteLocked, known := isByteLocked(o.file, byteOf(id))
	if missing && (byteLocked || !known) {
		return "a process whose file " + sessions + "/" + id + locked + " is missing", true
	}
	return string(text), byteLocked
}

// Unknown implements Presence.
func (s *SQLite) Unknown(id string) bool {
	_, err := os.Stat(filepath.Join(s.home, sessions, id+locked))
	_, known := isByteLocked(s.origin.file, byteOf(id))
	return errors.Is(err, fs.ErrNotExist) && !known
}

// isLockedFile reports whether another open file has a lock on a file. If in doubt, it has.
func isLockedFile(file string) bool {
	lock := flock.New(file, flock.SetFlag(os.O_RDONLY))
	defer func() { _ = lock.Close() }()
	ok, err := lock.TryRLock() // shared, so that two callers do not see each other's lock
	return !ok && !errors.Is(err, fs.ErrNotExist)
}

type fileSession struct {
	id     string
	lock   *flock.Flock
	second *os.File // home.id, with the lock on a byte of it; may be nil
}

func (s *fileSession) ID() string { return s.id }

func (s *fileSession) Close() error {
	err := s.lock.Close()
	if s.second != nil {
		if closed := s.second.Close(); !errors.Is(closed, fs.ErrClosed) {
			err = errors.Join(err, closed)
		}
	}
	if removed := os.Remove(s.lock.Path()); !errors.Is(removed, fs.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	if err != nil {
		return failure("leave", err)
	}
	return nil
}

// newSessionID returns 16 characters of a-z and 2-7, which are 80 bits.
func newSessionID() string { return newNonce()[:16] }

// newNonce returns 26 characters of a-z and 2-7.
func newNonce() string { return strings.ToLower(rand.Text()) }
