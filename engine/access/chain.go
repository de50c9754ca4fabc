package access

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
)

// A Record is an entry as it is stored: its text, which is never written again, and the hash of
// that text and of the hash before.
type Record struct {
	Seq  int64
	Data []byte
	Hash []byte
}

// A recorded is the JSON of a record.
type recorded struct {
	Entry
	Hash string `json:"hash,omitempty"` // in place of Entry's; not stored here

	// Unsealed is how many of the entries before this one no key has sealed. It is part of what the
	// next seal covers.
	Unsealed int64 `json:"unsealed,omitempty"`
}

// NewRecord makes the record of an entry that follows a hash, nil for the first entry. unsealed is
// how many entries before it no key has sealed.
func NewRecord(before []byte, e Entry, unsealed int64) (Record, error) {
	e.At = e.At.Round(0).UTC()
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(recorded{Entry: e, Unsealed: unsealed}); err != nil {
		return Record{}, err
	}
	data := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	return Record{Seq: e.Seq, Data: data, Hash: link(before, data)}, nil
}

// Entry returns the entry of a record.
func (r Record) Entry() (Entry, error) {
	read, err := r.decode()
	return read.Entry, err
}

func (r Record) decode() (recorded, error) {
	var read recorded
	if err := json.Unmarshal(r.Data, &read); err != nil {
		return recorded{}, err
	}
	if read.Seq != r.Seq {
		return recorded{}, errors.New("the text is that of another entry")
	}
	read.At = read.At.UTC()
	read.Entry.Hash = hex.EncodeToString(r.Hash)
	return read, nil
}

// link returns the hash of a record's text and of the hash before. All hashes have the same length,
// so that two different pairs are never hashed as the same bytes.
func link(before, data []byte) []byte {
	h := sha256.New()
	h.Write([]byte("errand audit 1\x00"))
	var first [sha256.Size]byte
	if before == nil {
		before = first[:]
	}
	h.Write(before)
	h.Write(data)
	return h.Sum(nil)
}

// A Seal authenticates an entry, and by its hash all entries before. A log has one seal, which moves
// with its end: who removes the last entries would need the seal that they had.
type Seal struct {
	Seq int64
	Key string // the name of the key
	MAC []byte
}

// A SealKey is a secret key for seals.
type SealKey interface {
	Name() string           // identifies the key, and reveals nothing about it
	Sum(text []byte) []byte // a message authentication code
}

// A Sealer has the key that seals the log of a home.
type Sealer interface {
	// SealKey returns the key. It returns an error if there is none or if it cannot be used; then
	// entries are added without a seal.
	SealKey(ctx context.Context) (SealKey, error)
}

// NewSeal seals a record.
func NewSeal(key SealKey, seq int64, hash []byte) Seal {
	return Seal{Seq: seq, Key: key.Name(), MAC: key.Sum(sealed(seq, hash))}
}

// Fits reports whether the key made the seal for a record with this hash.
func (s Seal) Fits(key SealKey, hash []byte) bool {
	return s.Key == key.Name() && hmac.Equal(s.MAC, key.Sum(sealed(s.Seq, hash)))
}

func sealed(seq int64, hash []byte) []byte {
	text := binary.BigEndian.AppendUint64([]byte("errand audit head 1\x00"), uint64(seq))
	return append(text, hash...)
}
