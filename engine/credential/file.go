package credential

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"errand/engine/plainfile"
)

// change replaces the file by the result of edit, or leaves it unchanged if edit fails. If there is
// no file, change creates one if create is set; otherwise edit gets no document and must fail.
func (s *Store) change(ctx context.Context, create bool, edit func(*openedFile) error) error {
	if _, err := os.Stat(s.file()); !create && errors.Is(err, fs.ErrNotExist) {
		return edit(&openedFile{})
	}
	// read may ask a person for the key, so it runs before the lock is taken.
	if _, err := s.read(ctx); err != nil {
		return err
	}
	return s.withLock(ctx, func() error {
		o, err := s.load(ctx)
		switch {
		case err != nil:
			return err
		case o != nil:
			o = o.clone()
		case create:
			if o, err = s.begin(ctx); err != nil {
				return err
			}
		default:
			return edit(&openedFile{})
		}
		if err := edit(o); err != nil {
			return err
		}
		return s.save(o)
	})
}

// clone returns a copy of the file that may be changed.
func (o *openedFile) clone() *openedFile {
	d, err := parse(o.file, o.raw)
	if err != nil {
		panic("credential: cannot parse the file again: " + err.Error())
	}
	return &openedFile{document: d, raw: o.raw, keys: o.keys, key: o.key, file: o.file}
}

// save writes the file. Readers in this process see it only after it is written.
func (s *Store) save(o *openedFile) error {
	raw, err := o.encodeSealed()
	if err != nil {
		return storeError(sealing, err)
	}
	if err := s.replace(raw); err != nil {
		return storeError(writing, err)
	}
	o.raw = raw
	s.last, s.key = o, o.key
	return nil
}

// withLock calls do while no other process can change the store.
func (s *Store) withLock(ctx context.Context, do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := makeFolder(s.Home); err != nil {
		return storeError(writing, err)
	}
	timeout := s.lockTimeout
	if timeout == 0 {
		timeout = 10 * time.Second
	}
	bounded, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	name := filepath.Join(s.Home, "credentials.lock")
	if err := plainfile.Check(name); err != nil { // the lock is opened, which would wait for a pipe
		return storeError(writing, err)
	}
	lock := flock.New(name, flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(bounded, 5*time.Millisecond); err != nil {
		_ = lock.Close()
		if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			return &StoreError{Fault: Fault{"another process is changing the credentials in " + s.Home, "try again when it has ended; nothing was changed"}, Locked: true, Err: err}
		}
		return storeError(writing, err)
	}
	defer func() { _ = lock.Close() }() // releases the lock
	return do()
}

// The steps of a replacement, in order. The old file is in place until the rename, the new one from
// then on.
const (
	stepCreate = "create" // create a file next to the old one
	stepWrite  = "write"  // write the first half of the text
	stepHalf   = "half"   // write the second half
	stepSync   = "sync"   // flush the content of the new file to the disk
	stepRename = "rename" // move the new file to the place of the old one
	stepFolder = "folder" // flush the rename to the disk
	stepDone   = "done"
)

// replace replaces credentials.json, or leaves it unchanged if it fails. When it returns, the new
// file survives a loss of power.
func (s *Store) replace(data []byte) error {
	step := func(name string) error {
		if s.onStep != nil {
			return s.onStep(name)
		}
		return nil
	}
	// The lock is held, so no other process uses this name. A process that was killed may have left
	// the file.
	next := s.file() + ".new"
	var f *os.File
	half := len(data) / 2
	steps := []struct {
		name string
		do   func() error
	}{
		{stepCreate, func() (err error) {
			if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			f, err = os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			return err
		}},
		{stepWrite, func() error { _, err := f.Write(data[:half]); return err }},
		{stepHalf, func() error { _, err := f.Write(data[half:]); return err }},
		{stepSync, func() error { return f.Sync() }},
		{stepRename, func() error { return errors.Join(f.Close(), rename(next, s.file())) }},
		{stepFolder, func() error { return syncFolder(s.Home) }},
		{stepDone, func() error { return nil }},
	}
	for _, one := range steps {
		err := step(one.name)
		if err == nil {
			err = one.do()
		}
		if err != nil {
			if f != nil {
				_ = f.Close()
				_ = os.Remove(next)
			}
			return err
		}
	}
	return nil
}

// makeFolder creates a folder that only the user can access, and its missing parents. They survive
// a loss of power.
func makeFolder(folder string) error {
	if _, err := os.Stat(folder); err == nil {
		return nil
	}
	above := filepath.Dir(folder)
	if above != folder {
		if err := makeFolder(above); err != nil {
			return err
		}
	}
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(above)
}
