package credential

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"

	"errand/engine/task"
)

// A Key wraps the data key of a store. No formatting shows it.
type Key struct {
	secret  task.Secret // 32 bytes
	stretch *Stretch    // how it was derived from a passphrase; nil for any other key
}

// keySize is the length of a key in bytes.
const keySize = 32

// A key is written as one line: keyWord, a space, and the 32 bytes in base64.
const keyWord = "errand-key-1"

// NewKey makes a random key.
func NewKey() Key {
	b := make([]byte, keySize)
	_, _ = rand.Read(b) // never fails
	return Key{secret: task.NewSecret(string(b))}
}

// IsZero reports whether the key is the zero Key, which is not a key.
func (k Key) IsZero() bool { return k.secret.IsZero() }

// Fingerprint identifies the key: 16 hexadecimal digits that reveal nothing about it.
func (k Key) Fingerprint() string {
	b, err := k.derive("fingerprint", 8)
	if err != nil {
		panic("credential: " + err.Error())
	}
	return hex.EncodeToString(b)
}

// line returns the line of a key file.
func (k Key) line() string {
	return keyWord + " " + base64.StdEncoding.EncodeToString([]byte(k.secret.Reveal()))
}

// parseLine reads the line of a key file. Its error contains nothing of the text.
func parseLine(text string) (Key, error) {
	rest, ok := strings.CutPrefix(strings.TrimRight(text, "\r\n"), keyWord+" ")
	b, err := base64.StdEncoding.Strict().DecodeString(rest)
	if !ok || err != nil || len(b) != keySize || strings.ContainsAny(rest, "\r\n") {
		return Key{}, errors.New("does not contain a key: expected one line, " + keyWord + " and 32 bytes in base64")
	}
	return Key{secret: task.NewSecret(string(b))}, nil
}

// ParseKey reads the line of a key file, or a bare key in 64 hexadecimal digits or in base64. Its
// error contains nothing of the text.
func ParseKey(text string) (Key, error) {
	text = strings.TrimSpace(text)
	if k, err := parseLine(text); err == nil {
		return k, nil
	}
	b, err := hex.DecodeString(text)
	if err != nil {
		b, err = base64.RawStdEncoding.Strict().DecodeString(strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(text), "="))
	}
	if err != nil || len(b) != keySize || strings.ContainsAny(text, "\r\n") {
		return Key{}, errors.New("did not print a key: expected 32 bytes in hexadecimal or base64, or the line of a key file")
	}
	return Key{secret: task.NewSecret(string(b))}, nil
}
