package credential

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// change replaces the file by what edit makes of it, or leaves it as it is where edit fails. Where there is no file it is begun if
// create is set; else edit gets no document, and must fail.
func (s *Store) change(ctx context.Context, create bool, edit func(*opened) error) error {
	if _, err := os.Stat(s.file()); !create && errors.Is(err, fs.ErrNotExist) {
		return edit(&opened{})
	}
	if _, err := s.read(ctx); err != nil { // which may ask a person for the key, so that it holds no lock
		return err
	}
	return s.locked(ctx, func() error {
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
			return edit(&opened{})
		}
		if err := edit(o); err != nil {
			return err
		}
		return s.save(o)
	})
}

// clone is the file once more, to be changed.
func (o *opened) clone() *opened {
	d, err := parse(o.file, o.raw)
	if err != nil {
		panic("credential: what was read once cannot be read again: " + err.Error())
	}
	return &opened{document: d, raw: o.raw, keys: o.keys, key: o.key, file: o.file}
}

// save writes the file. Only what was written is known of by those who read.
func (s *Store) save(o *opened) error {
	raw, err := o.encodeSealed()
	if err != nil {
		return failed("sealed", err)
	}
	if err := s.replace(raw); err != nil {
		return failed("written", err)
	}
	o.raw = raw
	s.last, s.key = o, o.key
	return nil
}

// locked does something while no other process changes the store.
func (s *Store) locked(ctx context.Context, do func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := makeFolder(s.Home); err != nil {
		return failed("written", err)
	}
	patience := s.patience
	if patience == 0 {
		patience = 10 * time.Second
	}
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	lock := flock.New(filepath.Join(s.Home, "credentials.lock"), flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(bounded, 5*time.Millisecond); err != nil {
		_ = lock.Close()
		if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			return &StoreError{Fault: Fault{"another process is changing the credentials in " + s.Home, "try again when it has ended; nothing was changed"}, Locked: true, Err: err}
		}
		return failed("written", err)
	}
	defer func() { _ = lock.Close() }() // which gives the lock up
	return do()
}

// The steps of a replacement, in order. Until the rename the old file is there, from then on the new one.
const (
	stepCreate = "create" // a file beside the old one
	stepWrite  = "write"  // the first half of the text
	stepHalf   = "half"   // the second half
	stepSync   = "sync"   // the new file's content is on the disk
	stepRename = "rename" // the new file takes the old one's place
	stepFolder = "folder" // that it has is on the disk
	stepDone   = "done"
)

// replace puts a file in the place of credentials.json, or leaves that as it is. It returns when the new one would survive a loss
// of power.
func (s *Store) replace(data []byte) error {
	step := func(name string) error {
		if s.at != nil {
			return s.at(name)
		}
		return nil
	}
	next := s.file() + ".new" // the lock is held, so there is only one; a process that was killed may have left it
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

// makeFolder makes a folder for the user alone that is there after a loss of power, and those above it.
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
