package webhook

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// The shortest and the longest key, in bytes. The library accepts every key, also an empty one.
const (
	shortestKey = 24
	longestKey  = 64
)

// prefix begins a secret as Standard Webhooks writes it.
const prefix = "whsec_"

// A Key signs messages and verifies signatures. It shows no part of itself. The zero Key refuses every
// message, for the reason for which a key refuses a message of somebody who does not have it: whoever
// sends messages at random does not learn which webhooks there are.
type Key struct{ webhook *standard.Webhook }

// nobodys is a key that nobody has.
var nobodys = sync.OnceValue(func() *standard.Webhook {
	var raw [shortestKey]byte
	_, _ = rand.Read(raw[:]) // it never fails
	w, err := standard.NewWebhookRaw(raw[:])
	if err != nil {
		panic(err)
	}
	return w
})

// ParseKey reads a secret: whsec_ and the key in base64. Its error contains no part of the secret.
func ParseKey(secret string) (Key, error) {
	encoded, ok := strings.CutPrefix(secret, prefix)
	raw, err := base64.StdEncoding.Strict().DecodeString(encoded)
	switch {
	case !ok:
		return Key{}, errors.New("does not begin with " + prefix + "; write " + prefix + " and 24 to 64 random bytes in base64")
	case err != nil || strings.ContainsAny(encoded, "\r\n"):
		return Key{}, errors.New("has no base64 after " + prefix + "; write " + prefix + " and 24 to 64 random bytes in base64")
	case len(raw) < shortestKey || len(raw) > longestKey:
		return Key{}, errors.New("has a key of " + strconv.Itoa(len(raw)) + " bytes; a key has 24 to 64 random bytes")
	}
	w, err := standard.NewWebhookRaw(raw)
	if err != nil {
		return Key{}, errors.New("cannot be used as a key")
	}
	return Key{w}, nil
}

// String hides the key.
func (Key) String() string { return "[key]" }

// GoString hides the key.
func (Key) GoString() string { return "[key]" }

// A SignatureError says why a message is not believed. Its reason contains no part of the message.
type SignatureError struct{ Reason string }

func (e *SignatureError) Error() string { return e.Reason }

// maxID is the length of the longest id of a message.
const maxID = 256

// Verify checks that a message was signed with the key, in the last five minutes or the next ones by
// this machine's clock, and returns its id. Its error is a *SignatureError. A message that was
// verified can come again: the caller remembers the id.
func (k Key) Verify(header http.Header, body []byte) (id string, err error) {
	w := k.webhook
	if w == nil {
		w = nobodys()
	}
	for _, name := range []string{standard.HeaderWebhookID, standard.HeaderWebhookTimestamp, standard.HeaderWebhookSignature} {
		if values := header.Values(name); len(values) != 1 || values[0] == "" {
			return "", &SignatureError{"the message needs one header " + name}
		}
	}
	id = header.Get(standard.HeaderWebhookID)
	if len(id) > maxID || strings.ContainsFunc(id, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return "", &SignatureError{"the header " + standard.HeaderWebhookID + " is not an id of at most 256 visible characters"}
	}
	switch err := w.Verify(body, header); {
	case err == nil:
		return id, nil
	case errors.Is(err, standard.ErrMessageTooOld):
		return "", &SignatureError{"the message is older than five minutes"}
	case errors.Is(err, standard.ErrMessageTooNew):
		return "", &SignatureError{"the message is from more than five minutes ahead"}
	case errors.Is(err, standard.ErrInvalidHeaders):
		return "", &SignatureError{"the header " + standard.HeaderWebhookTimestamp + " is not a number of seconds"}
	}
	return "", &SignatureError{"no signature fits the message"}
}

// Sign adds the headers of a message that is sent at a time.
func (k Key) Sign(header http.Header, id string, at time.Time, body []byte) error {
	if k.webhook == nil {
		return errors.New("there is no key")
	}
	signature, err := k.webhook.Sign(id, at, body)
	if err != nil {
		return err
	}
	header.Set(standard.HeaderWebhookID, id)
	header.Set(standard.HeaderWebhookTimestamp, strconv.FormatInt(at.Unix(), 10))
	header.Set(standard.HeaderWebhookSignature, signature)
	return nil
}
