package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// prefix begins every secret, so that scanners of repositories and logs recognize one.
const prefix = "errand_"

// A Hash is the SHA-256 of the secret of a token or a session. A secret has 256 random bits, so a slow hash would
// protect nothing.
type Hash [sha256.Size]byte

// NewSecret returns a new secret of a token and its hash. The secret is shown once and stored
// nowhere.
func NewSecret() (secret string, h Hash) {
	var random [32]byte
	_, _ = rand.Read(random[:]) // it never fails
	secret = prefix + hex.EncodeToString(random[:])
	return secret, sha256.Sum256([]byte(secret))
}

// HashOf returns the hash of a text that has the form of a secret. ok is false if the text does not
// have it.
func HashOf(secret string) (h Hash, ok bool) {
	digits, found := strings.CutPrefix(secret, prefix)
	if raw, err := hex.DecodeString(digits); !found || err != nil || len(raw) != 32 || strings.ToLower(digits) != digits {
		return Hash{}, false
	}
	return sha256.Sum256([]byte(secret)), true
}
