package credential

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// cipherOf makes the key of a purpose, if there is none, and returns its cipher.
func cipherOf(t *testing.T, s *Store, purpose string) *Cipher {
	t.Helper()
	if _, err := s.MakeCipher(t.Context(), purpose); err != nil {
		t.Fatal(err)
	}
	c, err := s.Cipher(t.Context(), purpose)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func sealWith(t *testing.T, c *Cipher, text string) []byte {
	t.Helper()
	sealed, err := c.Seal([]byte(text), []byte("place"))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func opens(t *testing.T, c *Cipher, sealed []byte, want string) {
	t.Helper()
	if text, err := c.Open(sealed, []byte("place")); err != nil || string(text) != want {
		t.Errorf("it opens as %q, %v; want %q", text, err, want)
	}
}

func TestCipher(t *testing.T) {
	c := cipherOf(t, newBox(t).Store, "temporal")
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOf(rapid.Byte()).Draw(t, "text")
		associated := rapid.SliceOf(rapid.Byte()).Draw(t, "associated")
		sealed, err := c.Seal(text, associated)
		if err != nil {
			t.Fatal(err)
		}
		if opened, err := c.Open(sealed, associated); err != nil || !bytes.Equal(opened, text) {
			t.Fatalf("it opens as %q, %v", opened, err)
		}
		if opened, err := c.Open(sealed, append(slices.Clone(associated), 0)); err == nil {
			t.Fatalf("with another associated text it opens as %q", opened)
		}
		if len(text) >= 8 && bytes.Contains(sealed, text) {
			t.Fatal("the text is in it")
		}
		if again, err := c.Seal(text, associated); err != nil || bytes.Equal(again[cipherHeader:], sealed[cipherHeader:]) {
			t.Fatalf("it is sealed to the same bytes again, %v", err)
		}
	})
}

func TestEveryFlippedBitOfASealedTextIsRefused(t *testing.T) {
	c := cipherOf(t, newBox(t).Store, "temporal")
	sealed := sealWith(t, c, "the state of a run")
	for i := range sealed {
		for bit := range 8 {
			changed := bytes.Clone(sealed)
			changed[i] ^= 1 << bit
			text, err := c.Open(changed, []byte("place"))
			if _, ok := errors.AsType[*SealError](err); !ok || text != nil {
				t.Fatalf("bit %d of byte %d: got %q, %v", bit, i, text, err)
			}
		}
	}
	for n := range sealed {
		if _, err := c.Open(sealed[:n], []byte("place")); err == nil {
			t.Fatalf("the first %d bytes open", n)
		}
	}
	opens(t, c, sealed, "the state of a run")
}

func TestCipherRefusals(t *testing.T) {
	b := newBox(t)
	if _, err := b.Cipher(t.Context(), "temporal"); !isNotFound(err) {
		t.Errorf("without a store: %v", err)
	}
	b.add(cloud, "a", good())
	_, err := b.Cipher(t.Context(), "temporal")
	said[*NotFoundError](t, err, "the credentials in "+b.Home+" have no key for temporal", "")
	c := cipherOf(t, b.Store, "temporal")
	sealed := sealWith(t, c, "text")

	if text, err := cipherOf(t, b.Store, "other").Open(sealed, []byte("place")); err == nil {
		t.Errorf("another purpose opens it: %q", text)
	}
	stranger := cipherOf(t, newBox(t).Store, "temporal")
	_, err = stranger.Open(sealed, []byte("place"))
	if e := said[*SealError](t, err, "it was sealed with the key "+c.Name()+", which "+stranger.store.file()+" does not have", "copy it from the machine"); e.Key != c.Name() {
		t.Errorf("the key is %q", e.Key)
	}
	_, err = c.Open([]byte(`{"a":1}`), nil)
	said[*SealError](t, err, "it is not sealed with a key of errand", "")
	_, err = c.Open(sealed, []byte("elsewhere"))
	said[*SealError](t, err, "it was changed after it was sealed with the key "+c.Name(), "")

	lost := b.again()
	lost.Keys = nil
	if _, err := lost.Cipher(t.Context(), "temporal"); !isKeyError(err) {
		t.Errorf("without the wrapping key: %v", err)
	}
	if made, err := lost.MakeCipher(t.Context(), "temporal"); made || !isKeyError(err) {
		t.Errorf("without the wrapping key: made %v, %v", made, err)
	}
}

func isKeyError(err error) bool {
	_, ok := errors.AsType[*KeyError](err)
	return ok
}

// The first one who asks makes the key; all others find it.
func TestMakeCipherOnce(t *testing.T) {
	b := newBox(t)
	var all sync.WaitGroup
	var mu sync.Mutex
	made := 0
	for range 8 {
		all.Go(func() {
			did, err := b.again().MakeCipher(context.Background(), "temporal")
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			if did {
				made++
			}
		})
	}
	all.Wait()
	o, err := b.read(t.Context())
	if err != nil || made != 1 || len(o.Ciphers) != 1 {
		t.Fatalf("made %d times, %+v, %v", made, o.Ciphers, err)
	}
	if r := o.Ciphers[0]; r.Purpose != "temporal" || !r.Made.Equal(start) || o.Version != versionWithCiphers {
		t.Errorf("stored is %+v in version %d", r, o.Version)
	}
	opens(t, cipherOf(t, b.again(), "temporal"), sealWith(t, cipherOf(t, b.Store, "temporal"), "text"), "text")
}

// A process that runs while the keys are rotated goes on with the new one, and all open what any
// key has sealed.
func TestCipherAfterRotations(t *testing.T) {
	b := beginning(t)
	running := cipherOf(t, b.Store, "temporal")
	idle := cipherOf(t, b.again(), "temporal") // seals nothing, so only an unknown name makes it read
	cipherOf(t, b.Store, "other")
	var texts [][]byte
	var names []string
	for i := range 4 {
		texts = append(texts, sealWith(t, running, fmt.Sprint("text ", i)))
		names = append(names, running.Name())
		if err := b.again().Rotate(t.Context()); err != nil { // the clock does not move
			t.Fatal(err)
		}
	}
	texts = append(texts, sealWith(t, running, "text 4"))
	names = append(names, running.Name())
	slices.Sort(names)
	if len(slices.Compact(names)) != 5 {
		t.Errorf("the keys are %v", names)
	}
	for i, sealed := range texts {
		for _, c := range []*Cipher{running, idle, cipherOf(t, b.again(), "temporal")} {
			opens(t, c, sealed, fmt.Sprint("text ", i))
		}
	}
	if idle.Name() != running.Name() {
		t.Errorf("one seals with %s, another one with %s", idle.Name(), running.Name())
	}
	b.want(before...)
}

// Without its store a cipher opens what its keys sealed, and seals nothing.
func TestCipherWithoutItsStore(t *testing.T) {
	b := newBox(t)
	c := cipherOf(t, b.Store, "temporal")
	sealed := sealWith(t, c, "text")
	if err := os.Remove(b.file()); err != nil {
		t.Fatal(err)
	}
	opens(t, c, sealed, "text")
	if sealed, err := c.Seal([]byte("text"), nil); !isNotFound(err) || sealed != nil {
		t.Errorf("it seals %x, %v", sealed, err)
	}
}

// A store without ciphers has the version that older programs read; one with ciphers is refused by
// them as newer.
func TestVersionOfTheDocument(t *testing.T) {
	b := beginning(t)
	version := func() int {
		var head struct{ Version int }
		if err := json.Unmarshal(b.raw(), &head); err != nil {
			t.Fatal(err)
		}
		return head.Version
	}
	if v := version(); v != 1 {
		t.Errorf("without ciphers it has version %d", v)
	}
	cipherOf(t, b.Store, "temporal")
	if v := version(); v != 2 {
		t.Errorf("with ciphers it has version %d", v)
	}
	b.want(before...)
	without := bytes.Replace(b.raw(), []byte(`"version": 2`), []byte(`"version": 1`), 1)
	b.refused("version 1 with ciphers", without)
}

// A key that is moved, renamed or removed is noticed.
func TestStoredCiphersAreSealed(t *testing.T) {
	b := beginning(t)
	cipherOf(t, b.Store, "temporal")
	o, err := b.read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	key, err := o.cipherKey(o.Ciphers[0])
	if err != nil || bytes.Contains(b.raw(), []byte(key.Reveal())) {
		t.Errorf("the key is in the file, %v", err)
	}
	moved := o.Ciphers[0]
	moved.Purpose = "other"
	if _, err := o.cipherKey(moved); !isDamage(err) {
		t.Errorf("a key of another purpose: %v", err)
	}
	b.refused("another time", bytes.Replace(b.raw(), []byte(`"made": "2026-03-01T10:00:00Z"`), []byte(`"made": "2026-03-02T10:00:00Z"`), 1))
}

// An escrow and an export have the keys, so histories stay readable when the wrapping key is lost.
func TestCiphersInArchives(t *testing.T) {
	b, k := beginning(t), newKeeper(t)
	sealed := sealWith(t, cipherOf(t, b.Store, "temporal"), "text")
	if err := b.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	kept, exported, now := b.escrow(k), b.export(k), cipherOf(t, b.again(), "temporal")
	recovered := b.again()
	recovered.Keys = nil
	if err := recovered.Recover(t.Context(), bytes.NewReader(kept), k.from, File{b.key + "2"}); err != nil {
		t.Fatal(err)
	}
	opens(t, cipherOf(t, recovered, "temporal"), sealed, "text")

	other := newBox(t)
	own := sealWith(t, cipherOf(t, other.Store, "temporal"), "own text")
	for range 2 { // a second import adds nothing
		if _, err := other.Import(t.Context(), bytes.NewReader(exported), k.from, all, true); err != nil {
			t.Fatal(err)
		}
	}
	o, err := other.read(t.Context())
	if err != nil || len(o.Ciphers) != 3 {
		t.Fatalf("the store has %+v, %v", o.Ciphers, err)
	}
	c := cipherOf(t, other.again(), "temporal")
	opens(t, c, sealed, "text")
	opens(t, c, own, "own text")

	empty := newBox(t)
	if _, err := empty.Import(t.Context(), bytes.NewReader(exported), k.from, all, false); err != nil {
		t.Fatal(err)
	}
	if c := cipherOf(t, empty.Store, "temporal"); c.Name() != now.Name() {
		t.Errorf("an imported store seals with %s, the exported one with %s", c.Name(), now.Name())
	}
}

func TestAnExportWithAWrongKey(t *testing.T) {
	b, k := newBox(t), newKeeper(t)
	for _, key := range []plainCipher{
		{"temporal", "0123456789abcdef", start, bytes.Repeat([]byte{7}, keySize)},
		{"temporal", "", start, nil},
	} {
		text, err := json.Marshal(export{Version: versionWithCiphers, Kind: exportKind, Made: time.Now(), Ciphers: []plainCipher{key}})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := encrypt(&out, k.to, text); err != nil {
			t.Fatal(err)
		}
		_, err = b.Import(t.Context(), &out, k.from, all, false)
		said[*ArchiveError](t, err, "the export has a key for temporal that does not fit its name", "")
	}
	if _, err := os.Stat(b.file()); err == nil {
		t.Error("a store was made")
	}
}

func TestCipherIsSecret(t *testing.T) {
	c := cipherOf(t, newBox(t).Store, "temporal")
	key := c.known.all[c.Name()].Reveal()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		text := fmt.Sprintf(verb, c.known) + fmt.Sprintf(verb, *c.known)
		if strings.Contains(text, key) || strings.Contains(text, fmt.Sprintf("%x", key)) {
			t.Errorf("%s shows it", verb)
		}
	}
}
