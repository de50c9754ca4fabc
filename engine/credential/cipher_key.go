package credential

import (
	"cmp"
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"errand/engine/task"
)

// A cipherRecord is a key of a Cipher in the document. A key that no longer seals stays, so that
// what it sealed can be opened.
type cipherRecord struct {
	Purpose string    `json:"purpose"`
	Name    string    `json:"name"` // derived from the key
	Made    time.Time `json:"made"`
	Sealed  string    `json:"sealed"`
}

// MakeCipher makes the first key for a purpose and reports whether it did: if the store has one,
// MakeCipher changes nothing. It creates the store if there is none. All who share what a Cipher
// seals need the same store: its file and its wrapping key.
func (s *Store) MakeCipher(ctx context.Context, purpose string) (made bool, err error) {
	o, err := s.read(ctx)
	if err != nil || o != nil && o.hasCipher(purpose) {
		return false, err
	}
	err = s.change(ctx, true, func(o *openedFile) error {
		if o.hasCipher(purpose) { // another process was faster
			return nil
		}
		made = true
		return o.addCipher(purpose, s.now())
	})
	return made && err == nil, err
}

func (o *openedFile) hasCipher(purpose string) bool {
	return slices.ContainsFunc(o.Ciphers, func(r cipherRecord) bool { return r.Purpose == purpose })
}

// addCipher adds a new key for a purpose, which seals from now on.
func (o *openedFile) addCipher(purpose string, now time.Time) error {
	raw := make([]byte, keySize)
	_, _ = rand.Read(raw) // never fails
	key := task.NewSecret(string(raw))
	name, err := cipherName(purpose, key)
	if err != nil {
		return storeError(sealing, err)
	}
	for _, r := range o.Ciphers {
		if r.Purpose == purpose && !now.After(r.Made) { // the newest seals, also if the clock went back
			now = r.Made.Add(time.Second)
		}
	}
	return o.putCipher(cipherRecord{Purpose: purpose, Name: name, Made: now}, key)
}

// putCipher seals a key and inserts it. Keys are sorted by purpose and time, so the last one of a
// purpose is the newest.
func (o *openedFile) putCipher(r cipherRecord, key task.Secret) error {
	sealed, err := o.keys.seal(key.Reveal(), o.placeOfCipher(r)...)
	if err != nil {
		return storeError(sealing, err)
	}
	r.Sealed = sealed
	o.Ciphers = append(o.Ciphers, r)
	slices.SortFunc(o.Ciphers, func(a, b cipherRecord) int {
		return cmp.Or(cmp.Compare(a.Purpose, b.Purpose), a.Made.Compare(b.Made), cmp.Compare(a.Name, b.Name))
	})
	return nil
}

// rotateCiphers seals the keys of o again for next, and adds a new one for each purpose.
func (o *openedFile) rotateCiphers(next *openedFile, now time.Time) error {
	old := o.Ciphers
	next.Ciphers = nil
	var purposes []string
	for _, r := range old {
		key, err := o.cipherKey(r)
		if err != nil {
			return err
		}
		if err := next.putCipher(r, key); err != nil {
			return err
		}
		if !slices.Contains(purposes, r.Purpose) {
			purposes = append(purposes, r.Purpose)
		}
	}
	for _, purpose := range purposes {
		if err := next.addCipher(purpose, now); err != nil {
			return err
		}
	}
	return nil
}

// cipherKey opens a key.
func (o *openedFile) cipherKey(r cipherRecord) (task.Secret, error) {
	key, err := o.keys.open(r.Sealed, o.placeOfCipher(r)...)
	if err == nil {
		err = checkCipher(r.Purpose, r.Name, key)
	}
	if err != nil {
		return task.Secret{}, damageError(o.file, "has a key for "+r.Purpose+" that was changed, or sealed for another place")
	}
	return key, nil
}

// checkCipher reports an error if a key does not have its name.
func checkCipher(purpose, name string, key task.Secret) error {
	right, err := cipherName(purpose, key)
	if err == nil && (right != name || len(key.Reveal()) != keySize) {
		err = errOpen
	}
	return err
}

// placeOfCipher returns the associated data of a sealed key: see seal.go.
func (o *openedFile) placeOfCipher(r cipherRecord) []string {
	return []string{"cipher", o.Store, r.Purpose, r.Name}
}

func cipherName(purpose string, key task.Secret) (string, error) {
	name, err := hkdf.Key(sha256.New, []byte(key.Reveal()), nil, "errand credential 1 cipher name "+purpose, cipherNameSize)
	return hex.EncodeToString(name), err
}
