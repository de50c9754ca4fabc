package credential

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"sync"

	"errand/engine/task"
)

// A sealed text of a Cipher is, in this order:
//
//	1 byte    the version of the format, cipherFormat
//	8 bytes   the name of the key
//	16 bytes  a random salt
//	12 bytes  a random nonce
//	          the text, encrypted with AES-256-GCM, and its tag of 16 bytes
//
// The key of AES is derived from the key in the store and the salt, so there is no limit to the
// number of texts that one key seals. Everything before the nonce is authenticated as associated
// data, with the purpose.
const (
	cipherFormat   = 1
	cipherNameSize = 8
	cipherSaltSize = 16
	cipherHeader   = 1 + cipherNameSize + cipherSaltSize
)

// A Cipher encrypts texts for one purpose with the keys of a store, so that only those who have the
// store can read or forge them. It is safe for concurrent use. It notices when the store changes:
// after a rotation it seals with the new key and opens what any key of the store sealed.
type Cipher struct {
	store   *Store
	purpose string
	ctx     context.Context // without cancellation

	mu    sync.Mutex
	known *cipherKeys
}

// cipherKeys are the keys of one purpose in one version of the store.
type cipherKeys struct {
	document string // the seal of the document, which differs in every version
	primary  string // the name of the key that seals
	all      map[string]task.Secret
}

// Cipher returns the cipher for a purpose. It returns a *NotFoundError if the store has no key for
// the purpose (see MakeCipher), and gets the wrapping key if it is not known yet.
func (s *Store) Cipher(ctx context.Context, purpose string) (*Cipher, error) {
	c := &Cipher{store: s, purpose: purpose, ctx: context.WithoutCancel(ctx)}
	_, err := c.current(ctx)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Name returns the name of the key that seals: 16 hexadecimal digits that reveal nothing about it.
// It changes with a rotation.
func (c *Cipher) Name() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known.primary
}

// Seal encrypts a text. Open needs the same associated text, which is not in the result.
func (c *Cipher) Seal(text, associated []byte) ([]byte, error) {
	keys, err := c.current(c.ctx)
	if err != nil {
		return nil, err
	}
	name, err := hex.DecodeString(keys.primary)
	if err != nil {
		return nil, storeError(sealing, err)
	}
	sealed := make([]byte, cipherHeader, cipherHeader+12+len(text)+16)
	sealed[0] = cipherFormat
	copy(sealed[1:], name)
	_, _ = rand.Read(sealed[1+cipherNameSize:]) // never fails
	aead, err := c.aead(keys.all[keys.primary], sealed[1+cipherNameSize:])
	if err != nil {
		return nil, storeError(sealing, err)
	}
	return aead.Seal(sealed, nil, text, associatedData("cipher", c.purpose, string(sealed), string(associated))), nil
}

// Open decrypts what Seal returned, in any process with the store. It returns a *SealError if the
// store does not have the key, or if the text or the associated text is another one.
func (c *Cipher) Open(sealed, associated []byte) ([]byte, error) {
	if len(sealed) < cipherHeader || sealed[0] != cipherFormat {
		return nil, notSealedError("")
	}
	header, rest := sealed[:cipherHeader], sealed[cipherHeader:]
	name := hex.EncodeToString(header[1 : 1+cipherNameSize])
	key, err := c.find(name)
	if err != nil {
		return nil, err
	}
	aead, err := c.aead(key, header[1+cipherNameSize:])
	if err != nil {
		return nil, storeError(reading, err)
	}
	text, err := aead.Open(nil, nil, rest, associatedData("cipher", c.purpose, string(header), string(associated)))
	if err != nil {
		return nil, notSealedError(name)
	}
	return text, nil
}

// find returns a key by its name. It reads the store only if the name is not known.
func (c *Cipher) find(name string) (task.Secret, error) {
	c.mu.Lock()
	key, found := c.known.all[name]
	c.mu.Unlock()
	if found {
		return key, nil
	}
	keys, err := c.current(c.ctx)
	if err != nil {
		return task.Secret{}, err
	}
	if key, found = keys.all[name]; !found {
		return task.Secret{}, unknownKeyError(c.store, name)
	}
	return key, nil
}

// current returns the keys that the store has now.
func (c *Cipher) current(ctx context.Context) (*cipherKeys, error) {
	o, err := c.store.read(ctx)
	if err != nil {
		return nil, err
	}
	if o == nil {
		return nil, emptyStoreError(c.store)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known != nil && c.known.document == o.Seal {
		return c.known, nil
	}
	keys := &cipherKeys{document: o.Seal, all: map[string]task.Secret{}}
	for _, r := range o.Ciphers {
		if r.Purpose != c.purpose {
			continue
		}
		key, err := o.cipherKey(r)
		if err != nil {
			return nil, err
		}
		keys.primary, keys.all[r.Name] = r.Name, key // the last one is the newest
	}
	if keys.primary == "" {
		return nil, noCipherError(c.store, c.purpose)
	}
	c.known = keys
	return keys, nil
}

// aead returns the AEAD for a salt.
func (c *Cipher) aead(key task.Secret, salt []byte) (cipher.AEAD, error) {
	derived, err := hkdf.Key(sha256.New, []byte(key.Reveal()), salt, "errand credential 1 cipher "+c.purpose, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
