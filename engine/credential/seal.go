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

// Everything that is sealed is sealed by AES-256-GCM of Tink, with a fresh random nonce. Beside what is sealed, this is bound to
// it ("about", each part after its length, so that no two lists of parts are one):
//
//	a value        "value", the store's id, the connector, the credential's name, the parameter's name
//	the data key   "keyset", the store's id
//	the document   "document", the document with an empty seal; nothing is encrypted
//
// so that a value that is moved to any other place does not open there.

// dataKeys are a keyset of one key. Its id begins all that it sealed.
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

// dataKeysOf makes the primitive itself rather than to let Tink's umbrella package do it, which would bring every kind of key.
func dataKeysOf(handle *keyset.Handle) (*dataKeys, error) {
	primary, err := handle.Primary()
	if err != nil {
		return nil, err
	}
	key, ok := primary.Key().(*aesgcm.Key)
	if !ok || handle.Len() != 1 || key.KeyBytes().Len() != 32 || len(key.OutputPrefix()) != 5 {
		return nil, errors.New("it is no keyset of one AES-256-GCM key")
	}
	aead, err := aesgcm.NewAEAD(key)
	if err != nil {
		return nil, err
	}
	return &dataKeys{handle, aead, primary.KeyID()}, nil
}

// wrap encrypts the data key.
func (d *dataKeys) wrap(k Key, store string) (string, error) {
	by, err := k.wrapper()
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = d.handle.WriteWithAssociatedData(keyset.NewBinaryWriter(&b), by, about("keyset", store))
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
	handle, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(raw)), by, about("keyset", store))
	if err != nil {
		return nil, err
	}
	return dataKeysOf(handle)
}

// bare is the data key itself, for an escrow.
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
	sealed, err := d.Encrypt([]byte(text), about(to...))
	return base64.StdEncoding.EncodeToString(sealed), err
}

func (d *dataKeys) open(sealed string, to ...string) (task.Secret, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(sealed)
	if err != nil {
		return task.Secret{}, errOpen
	}
	text, err := d.Decrypt(raw, about(to...))
	if err != nil {
		return task.Secret{}, errOpen
	}
	return task.NewSecret(string(text)), nil
}

// sealedBy tells the id of the key that something was sealed with, as far as it is legible. Nothing is proven by it.
func sealedBy(sealed string) (uint32, bool) {
	raw, err := base64.StdEncoding.Strict().DecodeString(sealed)
	if err != nil || len(raw) < 5 || raw[0] != 1 { // Tink's prefix: 1, then the id
		return 0, false
	}
	return binary.BigEndian.Uint32(raw[1:5]), true
}

func about(parts ...string) []byte {
	b := []byte("errand credential 1")
	for _, p := range parts {
		b = binary.BigEndian.AppendUint64(b, uint64(len(p)))
		b = append(b, p...)
	}
	return b
}

// wrapper encrypts with what is derived from the key for nothing else.
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
