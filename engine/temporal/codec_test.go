package temporal

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	failurepb "go.temporal.io/api/failure/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"errand/engine"
	"errand/engine/credential"
)

// newStore returns an empty credential store and a function that opens it as another process would.
func newStore(t *testing.T) (store *credential.Store, again func() *credential.Store) {
	t.Helper()
	home, key := filepath.Join(t.TempDir(), "home"), credential.File{Path: filepath.Join(t.TempDir(), "key")}
	again = func() *credential.Store {
		return &credential.Store{Home: home, Keys: []credential.Source{key}, Create: key}
	}
	return again(), again
}

// newCodec returns the codec of a store with a key.
func newCodec(t *testing.T, store *credential.Store) *Codec {
	t.Helper()
	if _, err := MakeKey(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	c, err := OpenCodec(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func payload(encoding, data string) *commonpb.Payload {
	return &commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte(encoding)}, Data: []byte(data)}
}

func TestCodec(t *testing.T) {
	store, _ := newStore(t)
	c := newCodec(t, store)
	rapid.Check(t, func(t *rapid.T) {
		var plain []*commonpb.Payload
		for range rapid.IntRange(0, 3).Draw(t, "payloads") {
			plain = append(plain, &commonpb.Payload{
				Metadata: rapid.MapOfN(rapid.StringN(1, 10, -1), rapid.SliceOf(rapid.Byte()), 0, 3).Draw(t, "metadata"),
				Data:     rapid.SliceOf(rapid.Byte()).Draw(t, "data"),
			})
		}
		encoded, err := c.Encode(plain)
		if err != nil || len(encoded) != len(plain) {
			t.Fatalf("%d payloads, %v", len(encoded), err)
		}
		for i, p := range encoded {
			if string(p.Metadata["encoding"]) != "binary/encrypted" || len(p.Metadata) != 1 || len(p.ExternalPayloads) > 0 {
				t.Errorf("the metadata is %q", p.Metadata)
			}
			if data := plain[i].Data; len(data) >= 8 && bytes.Contains(p.Data, data) {
				t.Error("the data is in the payload")
			}
		}
		decoded, err := c.Decode(encoded)
		if err != nil || len(decoded) != len(plain) {
			t.Fatalf("%d payloads, %v", len(decoded), err)
		}
		for i := range plain {
			if !proto.Equal(plain[i], decoded[i]) {
				t.Errorf("%v became %v", plain[i], decoded[i])
			}
		}
	})
}

// What repeats becomes small, also if it is encrypted afterwards.
func TestCodecCompresses(t *testing.T) {
	store, _ := newStore(t)
	encoded, err := newCodec(t, store).Encode([]*commonpb.Payload{payload("json/plain", string(bytes.Repeat([]byte(`{"step":"start"}`), 10_000)))})
	if err != nil || len(encoded[0].Data) > 4000 {
		t.Errorf("160 KB became %d bytes, %v", len(encoded[0].Data), err)
	}
}

func TestEveryFlippedBitOfAPayloadIsRefused(t *testing.T) {
	store, _ := newStore(t)
	c := newCodec(t, store)
	encoded, err := c.Encode([]*commonpb.Payload{payload("json/plain", `"the state of a run"`)})
	if err != nil {
		t.Fatal(err)
	}
	whole, err := proto.Marshal(encoded[0])
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		for bit := range 8 {
			changed := bytes.Clone(whole)
			changed[i] ^= 1 << bit
			var p commonpb.Payload
			if proto.Unmarshal(changed, &p) != nil {
				continue
			}
			if decoded, err := c.Decode([]*commonpb.Payload{&p}); err == nil {
				t.Fatalf("bit %d of byte %d: it opens as %v", bit, i, decoded)
			}
		}
	}
}

// A payload that nobody encrypted is refused, and does not fail the task of a workflow for ever.
func TestOnlyEncryptedPayloadsAreAccepted(t *testing.T) {
	store, _ := newStore(t)
	c := newCodec(t, store)
	for _, p := range []*commonpb.Payload{payload("json/plain", `{"step":"ok","verdict":"approve"}`), payload("binary/null", ""), {}} {
		_, err := c.Decode([]*commonpb.Payload{p})
		troubled(t, err, engine.TroubleCredential, "the payload is not encrypted: expected the encoding binary/encrypted, got", "")
		if _, repeated := errors.AsType[*converter.WorkflowTaskFailureError](err); repeated {
			t.Errorf("the task is repeated: %v", err)
		}
	}
}

func TestKeyOfAnotherStore(t *testing.T) {
	store, _ := newStore(t)
	other, _ := newStore(t)
	encoded, err := newCodec(t, store).Encode([]*commonpb.Payload{payload("json/plain", "1")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = newCodec(t, other).Decode(encoded)
	troubled(t, err, engine.TroubleCredential, "a payload cannot be opened: it was sealed with the key ", "copy it from the machine")
	if _, repeated := errors.AsType[*converter.WorkflowTaskFailureError](err); !repeated {
		t.Errorf("the task is not repeated: %T", err)
	}
}

func TestOpenCodecWithoutAKey(t *testing.T) {
	store, again := newStore(t)
	_, err := OpenCodec(t.Context(), store)
	troubled(t, err, engine.TroubleCredential, "there is no key to encrypt what Temporal keeps: no credentials are stored", "errand-worker setup makes the key")
	for _, want := range []bool{true, false} {
		if made, err := MakeKey(t.Context(), again()); err != nil || made != want {
			t.Errorf("made %v, %v; want %v", made, err, want)
		}
	}
	if _, err := OpenCodec(t.Context(), store); err != nil {
		t.Error(err)
	}
	locked := again()
	locked.Keys = nil
	_, err = OpenCodec(t.Context(), locked)
	troubled(t, err, engine.TroubleCredential, "the key for payloads cannot be read: the credentials in ", "restore the key")
	_, err = MakeKey(t.Context(), locked)
	troubled(t, err, engine.TroubleCredential, "the key for payloads cannot be made: the credentials in ", "restore the key")
}

// A worker that runs while another process rotates the key goes on.
func TestCodecAfterARotation(t *testing.T) {
	store, again := newStore(t)
	running := newCodec(t, store)
	encode := func(c *Codec, text string) *commonpb.Payload {
		t.Helper()
		encoded, err := c.Encode([]*commonpb.Payload{payload("json/plain", text)})
		if err != nil {
			t.Fatal(err)
		}
		return encoded[0]
	}
	old := encode(running, "old")
	if err := again().Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := newCodec(t, again())
	recent, own := encode(after, "recent"), encode(running, "own")
	for _, c := range []*Codec{running, after} {
		decoded, err := c.Decode([]*commonpb.Payload{old, recent, own})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%s %s %s", decoded[0].Data, decoded[1].Data, decoded[2].Data); got != "old recent own" {
			t.Errorf("got %s", got)
		}
	}
}

// The message, the stack and the details of a failure are encrypted.
func TestFailuresAreEncrypted(t *testing.T) {
	const secret = "the instance of the canary"
	store, _ := newStore(t)
	_, failures := converters(newCodec(t, store))
	failure := failures.ErrorToFailure(temporal.NewApplicationErrorWithCause(secret, "kind", errors.New(secret+", because"), secret+" in detail"))
	text, err := protojson.Marshal(failure)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := proto.Marshal(failure)
	if err != nil || bytes.Contains(text, []byte("canary")) || bytes.Contains(raw, []byte("canary")) {
		t.Errorf("it is %s, %v", text, err)
	}
	for f := failure; f != nil; f = f.Cause {
		if f.EncodedAttributes == nil || f.Message != "Encoded failure" || f.StackTrace != "" {
			t.Errorf("it is %v", f)
		}
	}
	back := failures.FailureToError(proto.Clone(failure).(*failurepb.Failure))
	application, ok := errors.AsType[*temporal.ApplicationError](back)
	if !ok || application.Message() != secret || application.Unwrap() == nil || application.Unwrap().Error() != secret+", because" {
		t.Errorf("it came back as %v", back)
	}
	var detail string
	if err := application.Details(&detail); err != nil || detail != secret+" in detail" {
		t.Errorf("the detail is %q, %v", detail, err)
	}
}

// A client without a key sends nothing and reads nothing.
func TestWithoutAKeyNothingIsSent(t *testing.T) {
	data, _ := converters(keyless{})
	_, err := data.ToPayloads("text")
	troubled(t, err, engine.TroubleCredential, "there is no key to encrypt what Temporal keeps", "errand-worker setup")
	var text string
	err = data.FromPayload(payload("json/plain", `"text"`), &text)
	troubled(t, err, engine.TroubleCredential, "there is no key to encrypt what Temporal keeps", "errand-worker setup")
	if text != "" || strings.Contains(data.ToString(payload("json/plain", `"text"`)), "text") {
		t.Errorf("read %q", text)
	}
}
