package credential

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"errand/engine/task"
)

// opened is a file that was read, and proven to be as it was written, with what opens its values.
type opened struct {
	*document
	raw  []byte
	keys *dataKeys
	key  Key
	file string
	info fs.FileInfo // of a file that had been left alone for a while when it was read; else nil
}

func (s *Store) file() string { return filepath.Join(s.Home, "credentials.json") }

// mostBytes is how large the file may be, for whoever reads it in place of a store.
const mostBytes = 64 << 20

// settled is how long a file must have been left alone for its time to tell it from a later one: clocks of file systems are coarse.
const settled = 2 * time.Second

// read opens the file as it is now, or returns nil where there is none. What was opened before is kept where the file has not
// changed.
func (s *Store) read(ctx context.Context) (*opened, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.load(ctx)
}

// load is read, with the mutex held. Whoever changes what it returns must clone it.
func (s *Store) load(ctx context.Context) (*opened, error) {
	info, err := os.Stat(s.file())
	if err == nil && s.last != nil && same(s.last.info, info) {
		return s.last, nil
	}
	read := time.Now()
	var raw []byte
	if err == nil {
		raw, err = readFile(s.file())
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, failed("read", err)
	}
	o := s.last
	if o == nil || !bytes.Equal(o.raw, raw) {
		if o, err = s.open(ctx, raw); err != nil {
			return nil, err
		}
	}
	kept := *o
	if kept.info = info; read.Sub(info.ModTime()) < settled {
		kept.info = nil
	}
	s.last = &kept
	return s.last, nil
}

// same tells a file that was not replaced or written since. Every replacement is another file, with a later time.
func same(before, now fs.FileInfo) bool {
	return before != nil && os.SameFile(before, now) && before.ModTime().Equal(now.ModTime()) && before.Size() == now.Size()
}

func readFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	raw, err := io.ReadAll(io.LimitReader(f, mostBytes+1))
	if err == nil && len(raw) > mostBytes {
		err = errors.New(file + " is larger than 64 MiB")
	}
	return raw, err
}

// open reads a document, unwraps its data key and proves it.
func (s *Store) open(ctx context.Context, raw []byte) (*opened, error) {
	d, err := parse(s.file(), raw)
	if err != nil {
		return nil, err
	}
	keys, key, err := s.unlock(ctx, d)
	if err != nil {
		return nil, err
	}
	o := &opened{document: d, raw: raw, keys: keys, key: key, file: s.file()}
	if err := o.prove(); err != nil {
		return nil, err
	}
	s.key = key
	return o, nil
}

// prove checks the document's seal.
func (o *opened) prove() error {
	bare := *o.document
	bare.Seal = ""
	if _, err := o.keys.open(o.Seal, "document", string(bare.encode())); err != nil {
		return damaged(o.file, "was changed by something else than errand")
	}
	return nil
}

// encodeSealed seals the document and writes it.
func (o *opened) encodeSealed() ([]byte, error) {
	o.Seal = ""
	seal, err := o.keys.seal("", "document", string(o.document.encode()))
	if err != nil {
		return nil, err
	}
	o.Seal = seal
	return o.document.encode(), nil
}

// lock wraps the data key with a key, and notes which.
func (o *opened) lock(k Key) error {
	wrapped, err := o.keys.wrap(k, o.Store)
	o.key, o.Keyset, o.Key = k, wrapped, keyNote{k.Fingerprint(), k.stretch}
	return err
}

// values opens a credential's parameters.
func (o *opened) values(r record) (task.Values, error) {
	all := make(task.Values, len(r.Parameters))
	for _, p := range r.Parameters {
		value := task.NewSecret(p.Value)
		if p.Sealed != "" {
			var err error
			if value, err = o.keys.open(p.Sealed, o.about(r, p.Name)...); err != nil {
				return nil, damaged(o.file, "has a value in "+r.Connector+" "+r.Name+" that was sealed for another place, or changed")
			}
		}
		all[p.Name] = value
	}
	return all, nil
}

// put stores a credential with these values.
func (o *opened) put(c task.Connector, r record, values task.Values) error {
	return o.putSealed(encrypted(c), r, values)
}

func (o *opened) putSealed(secret func(string) bool, r record, values task.Values) error {
	r.Parameters = []parameter{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		p := parameter{Name: name, Value: values.Reveal(name)}
		if p.Value == "" {
			continue
		}
		if secret(name) {
			sealed, err := o.keys.seal(p.Value, o.about(r, name)...)
			if err != nil {
				return failed("sealed", err)
			}
			p.Value, p.Sealed = "", sealed
		}
		r.Parameters = append(r.Parameters, p)
	}
	o.insert(r)
	return nil
}

func (o *opened) about(r record, parameter string) []string {
	return []string{"value", o.Store, r.Connector, r.Name, parameter}
}

// begin is a store without credentials, under a new data key and the key that there is for it.
func (s *Store) begin(ctx context.Context) (*opened, error) {
	o := &opened{document: &document{Version: version, Store: strings.ToLower(rand.Text()), Credentials: []record{}}, file: s.file()}
	keys, err := newDataKeys()
	if err != nil {
		return nil, failed("sealed", err)
	}
	o.keys = keys
	k, err := s.first(ctx, Lock{Home: s.Home, Store: o.Store})
	if err != nil {
		return nil, err
	}
	if err := o.lock(k); err != nil {
		return nil, failed("sealed", err)
	}
	return o, nil
}
