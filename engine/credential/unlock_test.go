package credential

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestPlaces checks the order in which sources are searched.
func TestPlaces(t *testing.T) {
	env := map[string]string{"XDG_CONFIG_HOME": filepath.FromSlash("/config"), "CREDENTIALS_DIRECTORY": "/run/x"}
	if filepath.Separator != '/' {
		t.Skip("the paths are of another kind")
	}
	getenv := func(name string) string { return env[name] }
	names := func(p Places) string {
		p.Getenv = getenv
		var all []string
		for _, s := range p.Sources() {
			all = append(all, s.Name())
		}
		return strings.Join(all, ", ")
	}
	for _, c := range []struct {
		places Places
		want   string
	}{
		{Places{}, "the credential errand-key of systemd, the key file /config/errand/key, the desktop's keyring, a passphrase"},
		{Places{File: "/k"}, "the credential errand-key of systemd, the key file /k, the desktop's keyring, a passphrase"},
		{Places{Command: []string{"pass", "show", "secret-name"}}, "the credential errand-key of systemd, the key command pass, the desktop's keyring, a passphrase"},
		{Places{File: "/k", Command: []string{"pass"}}, "the credential errand-key of systemd, the key file /k, the key command pass, the desktop's keyring, a passphrase"},
	} {
		if got := names(c.places); got != c.want {
			t.Errorf("got %s\nwant %s", got, c.want)
		}
	}
	env["XDG_CONFIG_HOME"] = "relative"
	if home, err := os.UserHomeDir(); err == nil && DefaultFile(getenv) != filepath.Join(home, ".config", "errand", "key") {
		t.Errorf("got %s", DefaultFile(getenv))
	}
}

// The first source that has the store's key opens the store. A source with another key is skipped,
// and the error names it if no source has the right key.
func TestWhichKeyOpensTheStore(t *testing.T) {
	b := beginning(t)
	o, err := b.read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	right := o.Key.Fingerprint
	other := NewKey()
	wrong := keyFile(t, 0o600, other)
	loose := keyFile(t, 0o644, NewKey())
	for _, c := range []struct {
		name    string
		keys    []Source
		reason  KeyReason // empty: it opens
		message string
		hint    string
	}{
		{"the right one", []Source{File{b.key}}, "", "", ""},
		{"after one that has none", []Source{Systemd{}, File{b.key + "x"}, File{b.key}}, "", "", ""},
		{"after another", []Source{File{wrong}, File{b.key}}, "", "", ""},
		{"before one that may not be used", []Source{File{b.key}, File{loose}}, "", "", ""},
		{"after one that may not be used", []Source{File{loose}, File{b.key}}, KeyUnusable, "is accessible to other users", "chmod"},
		{"another", []Source{Systemd{}, File{wrong}}, KeyWrong, "are locked with the key " + right + ", and the key file " + wrong + " has the key " + other.Fingerprint(), "restore the key, recover the store from an escrow, or import an export into a new store"},
		{"none", []Source{Systemd{}, File{b.key + "x"}, Passphrase{}}, KeyLost, "are locked with the key " + right + ", which was not found (the credential errand-key of systemd: $CREDENTIALS_DIRECTORY is not set; the key file " + b.key + "x: it does not exist; a passphrase: the store has none)", "recover the store from an escrow"},
		{"no source", nil, KeyLost, "which was not found ()", "an escrow"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &Store{Home: b.Home, Keys: c.keys, Create: File{filepath.Join(t.TempDir(), "new")}}
			got, err := content(t, s)
			if c.reason == "" {
				if err != nil || !slices.Equal(got, before) {
					t.Errorf("got %q, %v", got, err)
				}
				return
			}
			for _, err := range []error{err, s.Add(t.Context(), cloud, "x", good()), s.Rotate(t.Context())} {
				if e := said[*KeyError](t, err, c.message, c.hint); e.Reason != c.reason || strings.Count(err.Error(), right) > 1 {
					t.Errorf("got %+v", e)
				}
			}
			if _, err := os.Stat(s.Create.(File).Path); err == nil {
				t.Error("a key was made for a store that has one")
			}
		})
	}
}

// Without Create, no key is made.
func TestKeyIsMadeOnlyIfAllowed(t *testing.T) {
	b := newBox(t)
	b.Create = nil
	e := said[*KeyError](t, b.Add(t.Context(), cloud, "a", good()), "there is no key to lock the credentials with (the key file "+b.key+": it does not exist)", "at a terminal to make one")
	if e.Reason != KeyMissing {
		t.Errorf("got %+v", e)
	}
	if _, err := os.Stat(b.file()); err == nil {
		t.Error("there is a store")
	}
	if err := os.MkdirAll(filepath.Dir(b.key), 0o700); err != nil || os.WriteFile(b.key, []byte(NewKey().line()), 0o600) != nil {
		t.Fatal(err)
	}
	b.add(cloud, "a", good()) // with an existing key the store can be created
	b.want("cloud/a key_id=" + canaryID + " secret=" + canarySecret)
}
