package home

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// serviceKeyFile has the key with which a service seals what its callers bring back. It protects no
// secret of another system: whoever can read the home can read the runs.
const serviceKeyFile = "service.key"

// ServiceKey returns the key of the home's service, which it makes if there is none. It stays the same
// across restarts, so that cursors and sign-ins that have begun do. The error is that of the file.
func (h *Home) ServiceKey() (key [32]byte, err error) {
	file := filepath.Join(h.Folder, serviceKeyFile)
	for {
		text, err := os.ReadFile(file)
		switch {
		case err == nil && len(text) == len(key):
			copy(key[:], text)
			return key, nil
		case err == nil:
			return key, fmt.Errorf("%s has %d bytes; expected %d. If it is removed, another one is made", file, len(text), len(key))
		case !errors.Is(err, fs.ErrNotExist):
			return key, err
		}
		if err := makeServiceKey(file); err != nil && !errors.Is(err, fs.ErrExist) {
			return key, err
		}
	}
}

// makeServiceKey makes a key. The file appears with all of its bytes.
func makeServiceKey(file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".service-key-")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	var key [32]byte
	_, _ = rand.Read(key[:]) // it never fails
	_, err = f.Write(key[:])
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), file)
}
