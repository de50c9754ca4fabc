package credential

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/zalando/go-keyring"

	"errand/engine/task"
)

func TestAKeyShowsNothing(t *testing.T) {
	k := NewKey()
	bytes := k.secret.Reveal()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, v := range []any{k, &k, struct{ K Key }{k}, struct{ k Key }{k}, []Key{k}, &Store{key: k}, &openedFile{key: k, document: &document{}}} {
			text := fmt.Sprintf(verb, v)
			for _, form := range append(forms(bytes), forms(k.line())...) {
				if strings.Contains(text, form) {
					t.Errorf("%s of %T shows %s", verb, v, text)
				}
			}
		}
	}
	if f := k.Fingerprint(); len(f) != 16 || f != k.Fingerprint() || f == NewKey().Fingerprint() || strings.Contains(hex.EncodeToString([]byte(bytes)), f) {
		t.Errorf("the fingerprint is %s", f)
	}
}

func TestParseKey(t *testing.T) {
	k := NewKey()
	b := []byte(k.secret.Reveal())
	std := base64.StdEncoding.EncodeToString(b)
	for _, c := range []struct {
		name, text string
		line, bare bool // accepted in a file; accepted from a command
	}{
		{"a line", "errand-key-1 " + std, true, true},
		{"a line and its end", "errand-key-1 " + std + "\n", true, true},
		{"a line and its end on Windows", "errand-key-1 " + std + "\r\n", true, true},
		{"bare", std, false, true},
		{"bare without padding", strings.TrimRight(std, "="), false, true},
		{"bare for URLs", base64.URLEncoding.EncodeToString(b) + "\n", false, true},
		{"hexadecimal", hex.EncodeToString(b) + "\n", false, true},
		{"hexadecimal in capitals", strings.ToUpper(hex.EncodeToString(b)), false, true},
		{"another version", "errand-key-2 " + std, false, false},
		{"two lines", "errand-key-1 " + std + "\nerrand-key-1 " + std + "\n", false, false},
		{"a comment", "# key\nerrand-key-1 " + std, false, false},
		{"short", "errand-key-1 " + base64.StdEncoding.EncodeToString(b[:31]), false, false},
		{"long", hex.EncodeToString(append(b, 1)), false, false},
		{"the bytes", string(b), false, false},
		{"nothing", "", false, false},
		{"the word", "errand-key-1 ", false, false},
		{"bits left over", "errand-key-1 " + std[:42] + string(std[42]+1) + "=", false, false},
		{"a break within", "errand-key-1 " + std[:20] + "\n" + std[20:], false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, one := range []struct {
				parse func(string) (Key, error)
				want  bool
			}{{parseLine, c.line}, {ParseKey, c.bare}} {
				got, err := one.parse(c.text)
				if (err == nil) != one.want || one.want && got.Fingerprint() != k.Fingerprint() {
					t.Errorf("got %v", err)
				}
				if err != nil && (!got.IsZero() || len(c.text) > 20 && strings.Contains(err.Error(), c.text[13:20])) {
					t.Errorf("the error contains the text: %v", err)
				}
			}
		})
	}
}

func keyFile(t *testing.T, mode fs.FileMode, k Key) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(k.line()+"\n"), mode); err != nil || os.Chmod(file, mode) != nil {
		t.Fatal(err)
	}
	return file
}

// TestKeyFiles checks which key files are accepted.
func TestKeyFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there the mode says nothing")
	}
	k, home := NewKey(), t.TempDir()
	link := func(to string) string {
		file := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(to, file); err != nil {
			t.Fatal(err)
		}
		return file
	}
	write := func(text string) string {
		file := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	atHome := filepath.Join(home, "key")
	if err := os.WriteFile(atHome, []byte(k.line()), 0o600); err != nil {
		t.Fatal(err)
	}
	hardLink := filepath.Join(home, "hard")
	outside := keyFile(t, 0o600, k)
	if err := os.Link(outside, hardLink); err != nil {
		t.Fatal(err)
	}
	deep := filepath.Join(home, "a", "b")
	if err := os.MkdirAll(deep, 0o700); err != nil || os.WriteFile(filepath.Join(deep, "key"), []byte(k.line()), 0o600) != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, file    string
		message, hint string // empty: it is accepted
	}{
		{"of the user alone", keyFile(t, 0o600, k), "", ""},
		{"read only", keyFile(t, 0o400, k), "", ""},
		{"a link to one", link(keyFile(t, 0o600, k)), "", ""},
		{"that the group may read", keyFile(t, 0o640, k), "is accessible to other users: its mode is 0640", "chmod 600 "},
		{"that everybody may read", keyFile(t, 0o604, k), "is accessible to other users: its mode is 0604", "chmod 600 "},
		{"that the group may write", keyFile(t, 0o620, k), "is accessible to other users: its mode is 0620", "chmod 600 "},
		{"a link to a loose one", link(keyFile(t, 0o644, k)), "is accessible to other users: its mode is 0644", "chmod 600 "},
		{"in the home", atHome, "is in the folder that it protects", "move it elsewhere"},
		{"deep in the home", filepath.Join(deep, "key"), "is in the folder that it protects", "move it elsewhere"},
		{"a link into the home", link(atHome), "is in the folder that it protects", "move it elsewhere"},
		{"a link from the home", hardLink, "is in the folder that it protects", "move it elsewhere"},
		{"by a way around", filepath.Join(home, "a", "..", "key"), "is in the folder that it protects", "move it elsewhere"},
		{"by a link to the home", filepath.Join(link(home), "key"), "is in the folder that it protects", "move it elsewhere"},
		{"a folder", t.TempDir(), "is a folder, not a file", ""},
		{"a device", "/dev/zero", "is a device, not a file", ""},
		{"empty", write(""), "does not contain a key", ""},
		{"something else", write("-----BEGIN PRIVATE KEY-----\n"), "does not contain a key", ""},
		{"far too long", write(strings.Repeat("x", 1<<20)), "does not contain a key", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := File{c.file}.Key(t.Context(), KeyQuery{Home: home})
			if c.message == "" {
				if err != nil || got.Fingerprint() != k.Fingerprint() {
					t.Errorf("got %v", err)
				}
				return
			}
			if e := said[*KeyError](t, err, c.message, c.hint); e.Reason != KeyUnusable || !strings.Contains(e.Message, c.file) {
				t.Errorf("got %+v", e)
			}
		})
	}
	if _, err := (File{filepath.Join(home, "none")}).Key(t.Context(), KeyQuery{Home: home}); !isAbsent(err) {
		t.Errorf("got %v", err)
	}
}

func isAbsent(err error) bool {
	_, ok := errors.AsType[*AbsentError](err)
	return ok
}

// Make creates a key file and never replaces one.
func TestAKeyFileIsMade(t *testing.T) {
	home := t.TempDir()
	file := File{filepath.Join(t.TempDir(), "a", "b", "key")}
	k, err := file.Make(t.Context(), KeyQuery{Home: home})
	if err != nil {
		t.Fatal(err)
	}
	again, err := file.Make(t.Context(), KeyQuery{Home: home})
	if err != nil || again.Fingerprint() != k.Fingerprint() {
		t.Errorf("a second key was made: %v", err)
	}
	if text, err := os.ReadFile(file.Path); err != nil || string(text) != k.line()+"\n" {
		t.Errorf("got %v", err)
	}
	if there, _ := os.ReadDir(filepath.Dir(file.Path)); len(there) != 1 {
		t.Errorf("the folder also has %v", there)
	}
	_, err = File{filepath.Join(home, "key")}.Make(t.Context(), KeyQuery{Home: home})
	said[*KeyError](t, err, "is in the folder that it protects", "choose another place for it")
	missing := filepath.Join(home, "not", "there")
	_, err = File{filepath.Join(missing, "key")}.Make(t.Context(), KeyQuery{Home: missing})
	said[*KeyError](t, err, "is in the folder that it protects", "choose another place for it")
}

func TestSystemd(t *testing.T) {
	folder := t.TempDir()
	if _, err := (Systemd{}).Key(t.Context(), KeyQuery{}); !isAbsent(err) {
		t.Errorf("got %v", err)
	}
	if _, err := (Systemd{folder}).Key(t.Context(), KeyQuery{}); !isAbsent(err) {
		t.Errorf("got %v", err)
	}
	k := NewKey()
	if err := os.WriteFile(filepath.Join(folder, "errand-key"), []byte(k.line()), 0o440); err != nil {
		t.Fatal(err)
	}
	if got, err := (Systemd{folder}).Key(t.Context(), KeyQuery{}); err != nil || got.Fingerprint() != k.Fingerprint() {
		t.Errorf("got %v", err)
	}
	if err := os.Chmod(filepath.Join(folder, "errand-key"), 0o600); err != nil || os.WriteFile(filepath.Join(folder, "errand-key"), []byte("x"), 0o600) != nil {
		t.Fatal(err)
	}
	_, err := Systemd{folder}.Key(t.Context(), KeyQuery{})
	said[*KeyError](t, err, "errand-key does not contain a key", "")
}

func TestKeyring(t *testing.T) {
	has := hasKeyring
	t.Cleanup(func() { hasKeyring = has })
	hasKeyring = func() bool { return false }
	if _, err := (Keyring{}).Key(t.Context(), KeyQuery{Store: "s"}); !isAbsent(err) {
		t.Errorf("got %v", err)
	}
	_, err := Keyring{}.Make(t.Context(), KeyQuery{Store: "s"})
	said[*KeyError](t, err, "there is no keyring to store a key in", "there is none")
	hasKeyring = func() bool { return true }
	keyring.MockInit()
	if _, err := (Keyring{}).Key(t.Context(), KeyQuery{Store: "s"}); !isAbsent(err) {
		t.Errorf("got %v", err)
	}
	k, err := Keyring{}.Make(t.Context(), KeyQuery{Store: "s"})
	if err != nil {
		t.Fatal(err)
	}
	for _, get := range []func(context.Context, KeyQuery) (Key, error){Keyring{}.Key, Keyring{}.Make} {
		if again, err := get(t.Context(), KeyQuery{Store: "s"}); err != nil || again.Fingerprint() != k.Fingerprint() {
			t.Errorf("got %v", err)
		}
	}
	if _, err := (Keyring{}).Key(t.Context(), KeyQuery{Store: "other"}); !isAbsent(err) {
		t.Errorf("got %v", err)
	}
	if err := keyring.Set(keyringService, "s", "rubbish"); err != nil {
		t.Fatal(err)
	}
	_, err = Keyring{}.Key(t.Context(), KeyQuery{Store: "s"})
	said[*KeyError](t, err, "the entry for this store in the desktop's keyring does not contain a key", "")
	keyring.MockInitWithError(errors.New("locked"))
	if _, err := (Keyring{}).Key(t.Context(), KeyQuery{Store: "s"}); !isAbsent(err) {
		t.Errorf("got %v", err)
	}
	_, err = Keyring{}.Make(t.Context(), KeyQuery{Store: "s"})
	said[*KeyError](t, err, "the desktop's keyring did not store the key: locked", "")
}

// cheap is the cost of a passphrase in tests.
var cheap = Stretch{Time: 1, Memory: 64, Threads: 1}

func typing(text string) Passphrase {
	return Passphrase{Ask: func(context.Context, Question) (task.Secret, error) { return task.NewSecret(text), nil }, Cost: cheap}
}

const words = "correct horse battery staple"

func TestPassphrase(t *testing.T) {
	b := newBox(t)
	b.Create = typing(words)
	b.add(cloud, "a", good())
	want := "cloud/a key_id=" + canaryID + " secret=" + canarySecret
	with := func(p Source) ([]string, error) {
		s := b.again()
		s.Keys = []Source{File{b.key}, p}
		return content(t, s)
	}
	if got, err := with(typing(words)); err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("got %q, %v", got, err)
	}
	_, err := with(typing(words + "s"))
	if e := said[*KeyError](t, err, "the passphrase is wrong", "keyboard"); e.Reason != KeyWrong {
		t.Errorf("got %+v", e)
	}
	_, err = with(Passphrase{})
	if e := said[*KeyError](t, err, "are locked with a passphrase, and nobody can be asked for it", "for a service"); e.Reason != KeyLost {
		t.Errorf("got %+v", e)
	}
	_, err = with(Passphrase{Ask: func(context.Context, Question) (task.Secret, error) { return task.Secret{}, errors.New("interrupted") }})
	said[*KeyError](t, err, "no passphrase was given: interrupted", "")
	for _, cost := range []Stretch{{}, {Salt: make([]byte, 16), Time: 1 << 30, Memory: 64, Threads: 1}, {Salt: make([]byte, 16), Time: 1, Memory: 1 << 31, Threads: 1}, {Salt: make([]byte, 16), Time: 1, Memory: 64}} {
		_, err := typing(words).Key(t.Context(), KeyQuery{Stretch: &cost})
		said[*KeyError](t, err, "the store's parameters for its passphrase are out of range", "changed by something other")
	}
	_, err = typing("too short").Make(t.Context(), KeyQuery{})
	said[*KeyError](t, err, "the passphrase is too short", "12 characters")
	_, err = Passphrase{}.Make(t.Context(), KeyQuery{})
	said[*KeyError](t, err, "nobody can be asked for a passphrase", "")
	b.Keys = []Source{Passphrase{}} // this process keeps the key that it made
	if err := b.Rotate(t.Context()); err != nil {
		t.Error(err)
	}
	if got, err := with(typing(words)); err != nil || got[0] != want {
		t.Errorf("after a rotation: %q, %v", got, err)
	}
	first, _ := typing(words).Make(t.Context(), KeyQuery{})
	second, _ := typing(words).Make(t.Context(), KeyQuery{})
	if first.Fingerprint() == second.Fingerprint() {
		t.Error("the salt is always the same")
	}
}
