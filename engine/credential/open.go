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

	"errand/engine/plainfile"
	"errand/engine/task"
)

// An openedFile is a file that was read and whose seal was verified, with the keys that open its
// values.
type openedFile struct {
	*document
	raw  []byte
	keys *dataKeys
	key  Key
	file string
	info fs.FileInfo // nil if the file was written less than settleTime before it was read
}

func (s *Store) file() string { return filepath.Join(s.Home, "credentials.json") }

// maxFileSize is the greatest size of a file, in bytes, that is read as a store, an escrow or an
// export.
const maxFileSize = 64 << 20

// settleTime is how old a file must be, when it is read, for its modification time to distinguish
// it from a later one: the clocks of file systems are coarse.
const settleTime = 2 * time.Second

// read opens the file as it is now, or returns nil if there is none. If the file has not changed,
// read returns what it returned before.
func (s *Store) read(ctx context.Context) (*openedFile, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.load(ctx)
}

// load is read with the mutex held. A caller that changes the result must clone it.
func (s *Store) load(ctx context.Context) (*openedFile, error) {
	info, err := os.Stat(s.file())
	if err == nil && s.last != nil && unchanged(s.last.info, info) {
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
		return nil, storeError(reading, err)
	}
	o := s.last
	if o == nil || !bytes.Equal(o.raw, raw) {
		if o, err = s.open(ctx, raw); err != nil {
			return nil, err
		}
	}
	kept := *o
	if kept.info = info; read.Sub(info.ModTime()) < settleTime {
		kept.info = nil
	}
	s.last = &kept
	return s.last, nil
}

// unchanged reports whether the file was neither replaced nor written in between. Every replacement
// is another file with a later time.
func unchanged(before, now fs.FileInfo) bool {
	return before != nil && os.SameFile(before, now) && before.ModTime().Equal(now.ModTime()) && before.Size() == now.Size()
}

func readFile(file string) ([]byte, error) {
	f, err := plainfile.Open(file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	raw, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err == nil && len(raw) > maxFileSize {
		err = errors.New(file + " is larger than 64 MiB")
	}
	return raw, err
}

// open reads a document, unwraps its data key and verifies its seal.
func (s *Store) open(ctx context.Context, raw []byte) (*openedFile, error) {
	d, err := parse(s.file(), raw)
	if err != nil {
		return nil, err
	}
	keys, key, err := s.unlock(ctx, d)
	if err != nil {
		return nil, err
	}
	o := &openedFile{document: d, raw: raw, keys: keys, key: key, file: s.file()}
	if err := o.checkSeal(); err != nil {
		return nil, err
	}
	s.key = key
	return o, nil
}

// checkSeal verifies the seal of the document.
func (o *openedFile) checkSeal() error {
	bare := *o.document
	bare.Seal = ""
	if _, err := o.keys.open(o.Seal, "document", string(bare.encode())); err != nil {
		return damageError(o.file, "was changed by something other than errand")
	}
	return nil
}

// encodeSealed seals the document and returns it as JSON.
func (o *openedFile) encodeSealed() ([]byte, error) {
	o.Version, o.Seal = o.format(), ""
	seal, err := o.keys.seal("", "document", string(o.document.encode()))
	if err != nil {
		return nil, err
	}
	o.Seal = seal
	return o.document.encode(), nil
}

// lock wraps the data key with a key, and records which key that is.
func (o *openedFile) lock(k Key) error {
	wrapped, err := o.keys.wrap(k, o.Store)
	o.key, o.Keyset, o.Key = k, wrapped, keyNote{k.Fingerprint(), k.stretch}
	return err
}

// values decrypts the parameters of a credential.
func (o *openedFile) values(r record) (task.Values, error) {
	all := make(task.Values, len(r.Parameters))
	for _, p := range r.Parameters {
		value := task.NewSecret(p.Value)
		if p.Sealed != "" {
			var err error
			if value, err = o.keys.open(p.Sealed, o.placeOf(r, p.Name)...); err != nil {
				return nil, damageError(o.file, "has a value in "+r.Connector+" "+r.Name+" that was changed, or sealed for another place")
			}
		}
		all[p.Name] = value
	}
	return all, nil
}

// put stores a credential with the given values.
func (o *openedFile) put(c task.Connector, r record, values task.Values) error {
	return o.putSealed(isEncrypted(c), r, values)
}

func (o *openedFile) putSealed(secret func(string) bool, r record, values task.Values) error {
	r.Parameters = []parameter{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		p := parameter{Name: name, Value: values.Reveal(name)}
		if p.Value == "" {
			continue
		}
		if secret(name) {
			sealed, err := o.keys.seal(p.Value, o.placeOf(r, name)...)
			if err != nil {
				return storeError(sealing, err)
			}
			p.Value, p.Sealed = "", sealed
		}
		r.Parameters = append(r.Parameters, p)
	}
	o.insert(r)
	return nil
}

// placeOf returns the associated data of a sealed value: see seal.go.
func (o *openedFile) placeOf(r record, parameter string) []string {
	return []string{"value", o.Store, r.Connector, r.Name, parameter}
}

// begin returns a new store without credentials, with a new data key and the key that the sources
// have or that Create makes.
func (s *Store) begin(ctx context.Context) (*openedFile, error) {
	o := &openedFile{document: &document{Version: version, Store: strings.ToLower(rand.Text()), Credentials: []record{}}, file: s.file()}
	keys, err := newDataKeys()
	if err != nil {
		return nil, storeError(sealing, err)
	}
	o.keys = keys
	k, err := s.keyForNewStore(ctx, KeyQuery{Home: s.Home, Store: o.Store})
	if err != nil {
		return nil, err
	}
	if err := o.lock(k); err != nil {
		return nil, storeError(sealing, err)
	}
	return o, nil
}
