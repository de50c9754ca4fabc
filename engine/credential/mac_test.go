package credential

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"github.com/zalando/go-keyring"
)

// The key belongs to the data key, so it is the same whichever source has the wrapping key.
func TestMAC(t *testing.T) {
	hasKeyring = func() bool { return true }
	keyring.MockInit()
	b := newBox(t)
	if _, err := b.MAC(t.Context(), "audit"); !isNotFound(err) {
		t.Errorf("without a store: %v", err)
	}
	b = beginning(t)
	mac := func(s *Store, purpose string) (name, sum string) {
		t.Helper()
		m, err := s.MAC(t.Context(), purpose)
		if err != nil {
			t.Fatal(err)
		}
		return m.Name(), hex.EncodeToString(m.Sum([]byte("text")))
	}
	name, sum := mac(b.Store, "audit")
	if other, otherSum := mac(b.Store, "hooks"); other == name || otherSum == sum {
		t.Error("two purposes have one key")
	}
	for _, to := range []Source{File{b.key + "2"}, typing(words), Keyring{}, File{b.key}} {
		if err := b.Rewrap(t.Context(), to); err != nil {
			t.Fatal(err)
		}
		s := b.again()
		s.Keys = []Source{to}
		if other, otherSum := mac(s, "audit"); other != name || otherSum != sum {
			t.Errorf("with %s: %s %s, want %s %s", to.Name(), other, otherSum, name, sum)
		}
	}
	if err := b.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if other, otherSum := mac(b.Store, "audit"); other == name || otherSum == sum {
		t.Error("the key is the same after a rotation")
	}
	lost := b.again()
	lost.Keys = nil
	if _, err := lost.MAC(t.Context(), "audit"); !errors.As(err, new(*KeyError)) {
		t.Errorf("without the wrapping key: %v", err)
	}
}

// The key differs from every other key of the store, and no formatting shows it.
func TestMACIsSecret(t *testing.T) {
	b := beginning(t)
	m, err := b.MAC(t.Context(), "audit")
	if err != nil {
		t.Fatal(err)
	}
	secret := []byte(m.secret.Reveal())
	o, err := b.read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	bare, err := o.keys.bare()
	if err != nil || len(secret) != 32 || bytes.Contains(bare, secret) || m.secret.Reveal() == o.key.secret.Reveal() {
		t.Errorf("the key is another one of the store, %v", err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		text := fmt.Sprintf(verb, m) + fmt.Sprintf(verb, *m)
		if bytes.Contains([]byte(text), secret) || bytes.Contains([]byte(text), fmt.Appendf(nil, "%x", secret)) {
			t.Errorf("%s shows it", verb)
		}
	}
}

func isNotFound(err error) bool {
	_, ok := errors.AsType[*NotFoundError](err)
	return ok
}
