package temporal

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/proto"

	"errand/engine"
	"errand/engine/credential"
)

const (
	// cipherPurpose is the purpose of the credential store's key for payloads.
	cipherPurpose = "temporal"

	// encodingEncrypted is the encoding of an encrypted payload, in its metadata.
	encodingEncrypted = "binary/encrypted"

	// payloadPlace is the associated text of every payload.
	payloadPlace = "payload"

	// howToMakeKey is the hint if there is no key.
	howToMakeKey = "errand-worker setup makes the key; other machines need a copy of credentials.json and its key"
)

// A sealer encrypts and decrypts texts, as *credential.Cipher does.
type sealer interface {
	Seal(text, associated []byte) ([]byte, error)
	Open(sealed, associated []byte) ([]byte, error)
}

// A Codec encrypts everything that Temporal keeps of runs: inputs, results, messages, queries,
// memos, failures and summaries. Search attributes are not encrypted, because the server reads
// them. A payload is compressed, and then encrypted with a key of the credential store; so the
// server can neither read nor forge one.
//
// All workers and clients of an installation share one credential store: each machine has the same
// credentials.json and the key that opens it. After "errand-worker credentials rotate" a person must copy
// the file to the other machines. Until then they cannot open what is sealed with the new key: their
// workflow tasks fail and are repeated until they can.
//
// A Codec accepts no payload that is not encrypted. So only those who have the key can start runs or
// decide in them, whatever the server lets others do.
type Codec struct{ sealer sealer }

// MakeKey makes the key for payloads in a credential store and reports whether it did: a store that
// has one stays as it is.
func MakeKey(ctx context.Context, store *credential.Store) (made bool, err error) {
	made, err = store.MakeCipher(ctx, cipherPurpose)
	if err != nil {
		return false, credentialTrouble("the key for payloads cannot be made", err)
	}
	return made, nil
}

// OpenCodec returns the Codec of a credential store. Its error is an *engine.Trouble, also if the
// store has no key for payloads: nothing is ever sent without encryption.
func OpenCodec(ctx context.Context, store *credential.Store) (*Codec, error) {
	c, err := store.Cipher(ctx, cipherPurpose)
	if missing, ok := errors.AsType[*credential.NotFoundError](err); ok {
		return nil, &engine.Trouble{Code: engine.TroubleCredential, Hint: howToMakeKey, Err: fmt.Errorf("there is no key to encrypt what Temporal keeps: %s", missing.Message)}
	}
	if err != nil {
		return nil, credentialTrouble("the key for payloads cannot be read", err)
	}
	return &Codec{c}, nil
}

// credentialTrouble returns the trouble for an error of a credential store.
func credentialTrouble(what string, err error) error {
	t := &engine.Trouble{Code: engine.TroubleCredential, Err: fmt.Errorf("%s: %w", what, err)}
	if explained, ok := errors.AsType[interface {
		error
		Explain() (message, hint string)
	}](err); ok {
		message, hint := explained.Explain()
		t.Hint, t.Err = hint, fmt.Errorf("%s: %s", what, message)
	}
	return t
}

var _ converter.PayloadCodec = (*Codec)(nil)

// Encode encrypts payloads.
func (c *Codec) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	encoded := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		text, err := proto.Marshal(p)
		if err == nil {
			text, err = compress(text)
		}
		if err != nil {
			return nil, fmt.Errorf("a payload cannot be compressed: %w", err)
		}
		sealed, err := c.sealer.Seal(text, []byte(payloadPlace))
		if err != nil {
			return nil, taskFailure("a payload cannot be sealed", err)
		}
		encoded[i] = &commonpb.Payload{Metadata: map[string][]byte{converter.MetadataEncoding: []byte(encodingEncrypted)}, Data: sealed}
	}
	return encoded, nil
}

// Decode decrypts payloads. It refuses one that is not encrypted.
func (c *Codec) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	decoded := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		if !isEncrypted(p) {
			return nil, &engine.Trouble{Code: engine.TroubleCredential, Err: fmt.Errorf("the payload is not encrypted: expected the encoding %s, got %.40q", encodingEncrypted, p.GetMetadata()[converter.MetadataEncoding])}
		}
		text, err := c.sealer.Open(p.GetData(), []byte(payloadPlace))
		if err != nil {
			return nil, taskFailure("a payload cannot be opened", err)
		}
		decoded[i] = &commonpb.Payload{}
		if text, err = decompress(text); err == nil {
			err = proto.Unmarshal(text, decoded[i])
		}
		if err != nil {
			return nil, fmt.Errorf("a payload cannot be decompressed: %w", err)
		}
	}
	return decoded, nil
}

// isEncrypted reports whether a payload says that a Codec encoded it.
func isEncrypted(p *commonpb.Payload) bool {
	return string(p.GetMetadata()[converter.MetadataEncoding]) == encodingEncrypted
}

// taskFailure returns the trouble with a key. In a workflow it fails the task, which is repeated,
// and not the run: the key may come later.
func taskFailure(what string, err error) error {
	return converter.NewWorkflowTaskFailureError(credentialTrouble(what, err))
}

// converters return what a client needs to encrypt with a codec. A failure has messages in places
// that are not payloads; the second converter moves them into one.
func converters(codec converter.PayloadCodec) (converter.DataConverter, converter.FailureConverter) {
	data := converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), codec)
	return data, temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{DataConverter: data, EncodeCommonAttributes: true})
}

// keyless is the codec of a client without a key. It refuses every payload, so that none is sent
// without encryption.
type keyless struct{}

func (keyless) Encode([]*commonpb.Payload) ([]*commonpb.Payload, error) { return nil, errKeyless() }
func (keyless) Decode([]*commonpb.Payload) ([]*commonpb.Payload, error) { return nil, errKeyless() }

func errKeyless() error {
	return &engine.Trouble{Code: engine.TroubleCredential, Hint: howToMakeKey, Err: errors.New("there is no key to encrypt what Temporal keeps")}
}

// writers are used again, because each has several hundred kilobytes of memory.
var writers = sync.Pool{New: func() any { return zlib.NewWriter(nil) }}

func compress(text []byte) ([]byte, error) {
	w := writers.Get().(*zlib.Writer)
	defer writers.Put(w)
	var b bytes.Buffer
	w.Reset(&b)
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// decompress has no limit, because the text comes from somebody with the key.
func decompress(text []byte) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	text, err = io.ReadAll(r)
	return text, errors.Join(err, r.Close())
}
