package credential

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"

	"github.com/tink-crypto/tink-go/v2/aead/aesgcm"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/secretdata"
	"github.com/tink-crypto/tink-go/v2/tink"

	"errand/engine/task"
)

// Everything is sealed with AES-256-GCM of Tink and a fresh random nonce. Each sealed text is bound
// to its place by associated data. The associated data is a list of parts, each preceded by its
// length, so that two different lists are never the same:
//
//	a value       "value", the store's id, the connector, the credential's and parameter's names
//	a cipher key  "cipher", the store's id, the purpose, the key's name
//	the data key  "keyset", the store's id
//	the document  "document", the document with an empty seal; the text is empty
//
// A value that is moved to another place does not open there.

// dataKeys is a keyset of one key. Everything that it seals begins with its id.
type dataKeys struct {
	handle *keyset.Handle
	tink.AEAD
	id uint32
}

var errOpen = errors.New("it does not open")

func newDataKeys() (*dataKeys, error) {
	parameters, err := aesgcm.NewParameters(aesgcm.ParametersOpts{KeySizeInBytes: 32, IVSizeInBytes: 12, TagSizeInBytes: 16, Variant: aesgcm.VariantTink})
	if err != nil {
		return nil, err
	}
	m := keyset.NewManager()
	id, err := m.AddNewKeyFromParameters(parameters)
	if err == nil {
		err = m.SetPrimary(id)
	}
	if err != nil {
		return nil, err
	}
	handle, err := m.Handle()
	if err != nil {
		return nil, err
	}
	return dataKeysOf(handle)
}

// dataKeysOf constructs the AEAD itself. Tink's package aead would do it too, but links every type
// of key.
func dataKeysOf(handle *keyset.Handle) (*dataKeys, error) {
	primary, err := handle.Primary()
	if err != nil {
		return nil, err
	}
	key, ok := primary.Key().(*aesgcm.Key)
	if !ok || handle.Len() != 1 || key.KeyBytes().Len() != 32 || len(key.OutputPrefix()) != 5 {
		return nil, errors.New("expected a keyset of one AES-256-GCM key")
	}
	aead, err := aesgcm.NewAEAD(key)
	if err != nil {
		return nil, err
	}
	return &dataKeys{handle, aead, primary.KeyID()}, nil
}

// wrap encrypts the data key with a wrapping key.
func (d *dataKeys) wrap(k Key, store string) (string, error) {
	by, err := k.wrapper()
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = d.handle.WriteWithAssociatedData(keyset.NewBinaryWriter(&b), by, associatedData("keyset", store))
	return base64.StdEncoding.EncodeToString(b.Bytes()), err
}

func unwrap(k Key, store, wrapped string) (*dataKeys, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(wrapped)
	if err != nil {
		return nil, err
	}
	by, err := k.wrapper()
	if err != nil {
		return nil, err
	}
	handle, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(raw)), by, associatedData("keyset", store))
	if err != nil {
		return nil, err
	}
	return dataKeysOf(handle)
}

// bare returns the data key without encryption, for an escrow.
func (d *dataKeys) bare() ([]byte, error) {
	var b bytes.Buffer
	err := insecurecleartextkeyset.Write(d.handle, keyset.NewBinaryWriter(&b))
	return b.Bytes(), err
}

func dataKeysFrom(raw []byte) (*dataKeys, error) {
	handle, err := insecurecleartextkeyset.Read(keyset.NewBinaryReader(bytes.NewReader(raw)))
	if err != nil {
		return nil, err
	}
	return dataKeysOf(handle)
}

func (d *dataKeys) seal(text string, to ...string) (string, error) {
	sealed, err := d.Encrypt([]byte(text), associatedData(to...))
	return base64.StdEncoding.EncodeToString(sealed), err
}

func (d *dataKeys) open(sealed string, to ...string) (task.Secret, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(sealed)
	if err != nil {
		return task.Secret{}, errOpen
	}
	text, err := d.Decrypt(raw, associatedData(to...))
	if err != nil {
		return task.Secret{}, errOpen
	}
	return task.NewSecret(string(text)), nil
}

// sealingKeyID returns the id of the key that sealed a text, if it can be read. The id is not
// verified.
func sealingKeyID(sealed string) (uint32, bool) {
	raw, err := base64.StdEncoding.Strict().DecodeString(sealed)
	if err != nil || len(raw) < 5 || raw[0] != 1 { // the prefix of Tink: 1, then the id
		return 0, false
	}
	return binary.BigEndian.Uint32(raw[1:5]), true
}

func associatedData(parts ...string) []byte {
	b := []byte("errand credential 1")
	for _, p := range parts {
		b = binary.BigEndian.AppendUint64(b, uint64(len(p)))
		b = append(b, p...)
	}
	return b
}

// wrapper returns the AEAD that wraps the data key. Its key is derived from k and has no other use.
func (k Key) wrapper() (tink.AEAD, error) {
	derived, err := k.derive("wrap", 32)
	if err != nil {
		return nil, err
	}
	parameters, err := aesgcm.NewParameters(aesgcm.ParametersOpts{KeySizeInBytes: 32, IVSizeInBytes: 12, TagSizeInBytes: 16, Variant: aesgcm.VariantNoPrefix})
	if err != nil {
		return nil, err
	}
	key, err := aesgcm.NewKey(secretdata.NewBytesFromData(derived, insecuresecretdataaccess.Token{}), 0, parameters)
	if err != nil {
		return nil, err
	}
	return aesgcm.NewAEAD(key)
}

func (k Key) derive(purpose string, bytes int) ([]byte, error) {
	return hkdf.Key(sha256.New, []byte(k.secret.Reveal()), nil, "errand credential 1 "+purpose, bytes)
}
