package credential

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"

	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"

	"errand/engine/task"
)

// A MAC is a key that authenticates texts, for one purpose. It is derived from the data key of a
// store and has no other use. No formatting shows it.
type MAC struct {
	name   string
	secret task.Secret
}

// Name identifies the key: 16 hexadecimal digits that reveal nothing about it.
func (m *MAC) Name() string { return m.name }

// Sum returns the HMAC-SHA256 of a text.
func (m *MAC) Sum(text []byte) []byte {
	h := hmac.New(sha256.New, []byte(m.secret.Reveal()))
	h.Write(text)
	return h.Sum(nil)
}

// MAC returns the key for a purpose. Rotate replaces it; Rewrap does not. MAC returns a
// *NotFoundError if no credentials are stored, and gets the wrapping key if it is not known yet.
func (s *Store) MAC(ctx context.Context, purpose string) (*MAC, error) {
	o, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	if o == nil {
		return nil, emptyStoreError(s)
	}
	return o.keys.mac(purpose)
}

func (d *dataKeys) mac(purpose string) (*MAC, error) {
	primary, err := d.handle.Primary()
	if err != nil {
		return nil, err
	}
	key, ok := primary.Key().(*aesgcm.Key)
	if !ok {
		return nil, errOpen
	}
	derive := func(use string, size int) ([]byte, error) {
		return hkdf.Key(sha256.New, key.KeyBytes().Data(insecuresecretdataaccess.Token{}), nil, "errand credential 1 "+use+" "+purpose, size)
	}
	secret, err := derive("mac", sha256.Size)
	if err != nil {
		return nil, err
	}
	name, err := derive("mac name", 8)
	if err != nil {
		return nil, err
	}
	return &MAC{hex.EncodeToString(name), task.NewSecret(string(secret))}, nil
}
