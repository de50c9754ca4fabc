package credential

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/zalando/go-keyring"
)

func TestRotate(t *testing.T) {
	b := beginning(t)
	reader := b.again()
	if _, err := reader.Find(t.Context(), "cloud", "a"); err != nil {
		t.Fatal(err)
	}
	old, err := b.read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.want(before...)
	now, err := b.again().read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if now.keys.id == old.keys.id || now.Keyset == old.Keyset || now.Key.Fingerprint != old.Key.Fingerprint || now.Store != old.Store {
		t.Errorf("rotated is %+v", now.document)
	}
	for i, sealed := range sealedOf(t, old.raw) {
		if slices.Contains(sealedOf(t, now.raw), sealed) {
			t.Errorf("value %d is sealed as before", i)
		}
		if id, ok := sealingKeyID(sealedOf(t, now.raw)[i]); !ok || id != now.keys.id {
			t.Errorf("value %d is sealed with the key %d", i, id)
		}
	}
	if old, _ := old.keys.bare(); bytes.Contains(bareOf(t, now.keys), old[10:]) {
		t.Error("the old key is in the new keyset")
	}
	for i, p := range now.Credentials[0].Parameters {
		if v, err := old.keys.open(p.Sealed, now.placeOf(now.Credentials[0], p.Name)...); err == nil {
			t.Errorf("value %d opens with the old key: %q", i, v.Reveal())
		}
	}
	if v, err := reader.Find(t.Context(), "cloud", "a"); err != nil || v.Reveal("secret") != canarySecret {
		t.Errorf("a store with the old key returns %v", err)
	}
	if e, err := b.Show(t.Context(), cloud, "a"); err != nil || !e.Edited.Equal(start) {
		t.Errorf("a rotation changed the time of the edit: %+v", e)
	}
}

func TestRewrap(t *testing.T) {
	hasKeyring = func() bool { return true }
	keyring.MockInit()
	for _, c := range []struct {
		name string
		to   func(b *box) Source
	}{
		{"a new key file", func(b *box) Source { return File{b.key + "2"} }},
		{"a key file that is there", func(b *box) Source { return File{keyFile(b.t, 0o600, NewKey())} }},
		{"a passphrase", func(*box) Source { return typing(words) }},
		{"the keyring", func(*box) Source { return Keyring{} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := beginning(t)
			reader, old := b.again(), b.raw()
			if _, err := reader.Find(t.Context(), "cloud", "a"); err != nil {
				t.Fatal(err)
			}
			to := c.to(b)
			if err := b.Rewrap(t.Context(), to); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(sealedOf(t, old), sealedOf(t, b.raw())) {
				t.Error("the values were sealed again")
			}
			e := (*KeyError)(nil)
			if _, err := content(t, b.again()); !errors.As(err, &e) {
				t.Errorf("the old key opens it: %v", err)
			}
			if _, err := reader.Find(t.Context(), "cloud", "a"); !errors.As(err, &e) {
				t.Errorf("a store that was open with the old key returns %v", err)
			}
			s := b.again()
			s.Keys = []Source{to}
			if got, err := content(t, s); err != nil || !slices.Equal(got, before) {
				t.Errorf("got %q, %v", got, err)
			}
			if err := s.Rewrap(t.Context(), File{b.key}); err != nil { // and back
				t.Error(err)
			}
			b.want(before...)
		})
	}
	b := beginning(t)
	said[*KeyError](t, b.Rewrap(t.Context(), Systemd{}), "the credential errand-key of systemd has no key: $CREDENTIALS_DIRECTORY is not set", "")
	said[*KeyError](t, b.Rewrap(t.Context(), File{filepath.Join(b.Home, "key")}), "is in the folder that it protects", "choose another place")
	b.want(before...)
	if _, err := os.Stat(filepath.Join(b.Home, "key")); err == nil {
		t.Error("a key was made in the home")
	}
}
