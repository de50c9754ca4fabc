package credential

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// refused checks that a file that is not as it was written is refused: every use of it is an error
// that says so, and none of its values is returned.
func (b *box) refused(what string, raw []byte) {
	b.t.Helper()
	b.write(raw)
	s := b.again()
	values, err := s.Find(b.t.Context(), "cloud", "a")
	if values != nil {
		b.t.Fatalf("%s: it returns %q", what, values.Reveal("secret"))
	}
	if !isDamage(err) {
		b.t.Fatalf("%s: got %T %v", what, err, err)
	}
	if strings.Contains(err.Error(), canarySecret) {
		b.t.Errorf("%s: %v", what, err)
	}
	if err := s.Edit(b.t.Context(), cloud, "a", given("note", "")); err == nil {
		b.t.Fatalf("%s: it is edited", what)
	}
	if now := b.raw(); !bytes.Equal(now, raw) {
		b.t.Fatalf("%s: it was overwritten", what)
	}
}

func isDamage(err error) bool {
	_, damage := errors.AsType[*DamageError](err)
	_, version := errors.AsType[*VersionError](err)
	return damage || version
}

func TestEveryFlippedBitIsNoticed(t *testing.T) {
	b := newBox(t)
	b.add(cloud, "a", good("region", "south"))
	whole := b.raw()
	for i := range whole {
		for bit := range 8 {
			raw := bytes.Clone(whole)
			raw[i] ^= 1 << bit
			what := fmt.Sprintf("bit %d of byte %d, after %q", bit, i, whole[max(0, i-20):i])
			if o, err := b.again().open(t.Context(), raw); o != nil || !isDamage(err) {
				t.Fatalf("%s: got %T %v", what, err, err)
			}
			if bit == i%8 && i%16 == 0 { // try every use of the store, which takes longer
				b.refused(what, raw)
			}
		}
	}
	b.write(whole)
	b.want("cloud/a key_id=" + canaryID + " region=south secret=" + canarySecret)
}

func TestEveryTruncationIsNoticed(t *testing.T) {
	b := newBox(t)
	b.add(cloud, "a", good())
	whole := b.raw()
	for n := range whole {
		if o, err := b.again().open(t.Context(), whole[:n]); o != nil || !isDamage(err) {
			t.Fatalf("a file of %d bytes: got %v", n, err)
		}
	}
	b.refused("empty", nil)
	b.refused("cut", whole[:len(whole)/2])
	b.refused("longer", append(bytes.Clone(whole), '\n'))
	b.refused("twice", append(bytes.Clone(whole), whole...))
}

// sealedOf returns the sealed texts of a file, in the order of the file.
func sealedOf(t *testing.T, raw []byte) []string {
	t.Helper()
	d, err := parse("file", raw)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, r := range d.Credentials {
		for _, p := range r.Parameters {
			if p.Sealed != "" {
				all = append(all, p.Sealed)
			}
		}
	}
	return all
}

// TestTampering makes changes that are possible without the key, other than flipped bits.
func TestTampering(t *testing.T) {
	b, stranger := newBox(t), newBox(t)
	for _, one := range []*box{b, stranger} {
		one.key = b.key
		one.Store = one.open(one.Home)
		one.add(cloud, "a", good("token", "the token", "region", "south"))
		one.add(cloud, "b", good("token", "other token"))
		one.add(desk, "a", given("secret", canarySecret, "url", "https://desk.example.com"))
	}
	whole := b.raw()
	sealed, strange := sealedOf(t, whole), sealedOf(t, stranger.raw())
	if len(sealed) != 7 {
		t.Fatalf("%d values are sealed", len(sealed))
	}
	swap := func(x, y string) []byte {
		return []byte(strings.NewReplacer(x, y, y, x).Replace(string(whole)))
	}
	edit := func(change func(*document)) []byte {
		d, err := parse("file", whole)
		if err != nil {
			t.Fatal(err)
		}
		change(d)
		return d.encode()
	}
	cases := map[string][]byte{
		"two parameters exchanged":  swap(sealed[0], sealed[1]),
		"two credentials exchanged": swap(sealed[1], sealed[4]),
		"two connectors' exchanged": swap(sealed[1], sealed[6]),
		"another store's value":     bytes.Replace(whole, []byte(sealed[1]), []byte(strange[1]), 1),
		"another store's keyset":    edit(func(d *document) { d.Keyset = keysetOf(t, stranger.raw()) }),
		"another store's id":        edit(func(d *document) { d.Store = strings.Repeat("a", 26) }),
		"a plain value changed":     bytes.Replace(whole, []byte("desk.example.com"), []byte("evil.example.com"), 1),
		"a plain value taken away":  edit(func(d *document) { r := &d.Credentials[0]; r.Parameters = slices.Delete(r.Parameters, 1, 2) }),
		"a credential taken away":   edit(func(d *document) { d.Credentials = d.Credentials[1:] }),
		"all taken away":            edit(func(d *document) { d.Credentials = []record{} }),
		"a credential renamed":      edit(func(d *document) { d.Credentials[0].Name = "A" }),
		"a credential copied": edit(func(d *document) {
			r := d.Credentials[0]
			r.Name = "c"
			d.Credentials = slices.Insert(d.Credentials, 2, r)
		}),
		"two credentials in other order":  edit(func(d *document) { slices.Reverse(d.Credentials) }),
		"a sealed value made a plain one": edit(func(d *document) { p := &d.Credentials[0].Parameters[0]; p.Value, p.Sealed = "x", "" }),
		"validated":                       edit(func(d *document) { d.Credentials[0].Validated = start }),
		"an older seal":                   edit(func(d *document) { d.Seal = strangeSeal(t, stranger.raw()) }),
		"no seal":                         edit(func(d *document) { d.Seal = "" }),
		"another fingerprint":             edit(func(d *document) { d.Key.Fingerprint = strings.Repeat("0", 16) }),
		"a newer version":                 bytes.Replace(whole, []byte(`"version": 1`), []byte(`"version": 2`), 1),
		"no version":                      bytes.Replace(whole, []byte(`"version": 1`), []byte(`"version": 0`), 1),
		"another member":                  bytes.Replace(whole, []byte(`"version": 1,`), []byte(`"version": 1, "x": 1,`), 1),
		"a member twice":                  bytes.Replace(whole, []byte(`"version": 1,`), []byte(`"version": 1, "version": 1,`), 1),
		"other white space":               bytes.Replace(whole, []byte("\n"), []byte("\r\n"), -1),
		"other letters in a name":         bytes.Replace(whole, []byte(`"seal"`), []byte(`"Seal"`), 1),
		"an escape":                       bytes.Replace(whole, []byte(`south`), []byte(`\u0073outh`), 1),
		"nothing":                         {},
		"null":                            []byte("null"),
		"a list":                          []byte("[]"),
		"no file of ours":                 []byte(`{"version":1}`),
		"no JSON":                         []byte("-----BEGIN"),
		"deep JSON":                       bytes.Repeat([]byte("["), 1<<20),
	}
	for name, raw := range cases {
		if bytes.Equal(raw, whole) {
			t.Errorf("%s: nothing was changed", name)
		}
		b.t = t
		b.refused(name, raw)
	}
	b.write(whole)
	if len(b.content()) != 3 {
		t.Error("the file that nobody touched is not what it was")
	}
}

func keysetOf(t *testing.T, raw []byte) string {
	d, err := parse("file", raw)
	if err != nil {
		t.Fatal(err)
	}
	return d.Keyset
}

func strangeSeal(t *testing.T, raw []byte) string {
	d, err := parse("file", raw)
	if err != nil {
		t.Fatal(err)
	}
	return d.Seal
}

// The seal protects the document, and associated data protects each value: a value in the wrong
// place does not open even if the document was sealed with it there.
func TestAValueOpensOnlyAtItsPlace(t *testing.T) {
	b := newBox(t)
	b.add(cloud, "a", good("token", "the token"))
	b.add(cloud, "b", good())
	b.add(desk, "a", given("secret", canarySecret, "url", "x"))
	o, err := b.read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sealed := o.Credentials[0].Parameters[1].Sealed // cloud a secret
	if v, err := o.keys.open(sealed, "value", o.Store, "cloud", "a", "secret"); err != nil || v.Reveal() != canarySecret {
		t.Fatalf("it does not open where it belongs: %v", err)
	}
	for _, place := range [][]string{
		{"value", o.Store, "cloud", "a", "key_id"}, {"value", o.Store, "cloud", "b", "secret"}, {"value", o.Store, "desk", "a", "secret"},
		{"value", strings.Repeat("a", 26), "cloud", "a", "secret"}, {"keyset", o.Store, "cloud", "a", "secret"}, {"document", o.Store, "cloud", "a", "secret"},
		{"value", o.Store + "c", "loud", "a", "secret"}, {"value", o.Store, "clouda", "", "secret"}, {"value", o.Store, "cloud", "asecret", ""},
		{"value", o.Store, "cloud", "a", "secret", ""}, {"value", o.Store, "cloud", "a"},
	} {
		if v, err := o.keys.open(sealed, place...); err == nil || !v.IsZero() {
			t.Errorf("it opens as %q", place)
		}
	}
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		t.Fatal(err)
	}
	at := []string{"value", o.Store, "cloud", "a", "secret"}
	for i := range raw {
		for bit := range 8 {
			flipped := bytes.Clone(raw)
			flipped[i] ^= 1 << bit
			if v, err := o.keys.open(base64.StdEncoding.EncodeToString(flipped), at...); err == nil || !v.IsZero() {
				t.Errorf("it opens with bit %d of byte %d flipped", bit, i)
			}
		}
		if _, err := o.keys.open(base64.StdEncoding.EncodeToString(raw[:i]), at...); err == nil {
			t.Errorf("%d bytes of it open", i)
		}
	}
	for i := range o.Credentials[0].Parameters { // an attacker who could seal the document
		moved := o.clone()
		p := moved.Credentials[0].Parameters
		p[i].Sealed = moved.Credentials[1].Parameters[0].Sealed
		out, err := moved.encodeSealed()
		if err != nil {
			t.Fatal(err)
		}
		b.write(out)
		v, err := b.again().Find(t.Context(), "cloud", "a")
		if _, ok := errors.AsType[*DamageError](err); !ok || v != nil {
			t.Errorf("a moved value is returned: %v", err)
		}
		if err := b.again().Rotate(t.Context()); err == nil {
			t.Error("a moved value is sealed again")
		}
	}
}

func TestEveryFlippedBitOfTheKeysetIsNoticed(t *testing.T) {
	k := NewKey()
	keys, err := newDataKeys()
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := keys.wrap(k, "store")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(wrapped)
	if err != nil {
		t.Fatal(err)
	}
	if back, err := unwrap(k, "store", wrapped); err != nil || back.id != keys.id {
		t.Fatal(err)
	}
	for i := range raw {
		for bit := range 8 {
			flipped := bytes.Clone(raw)
			flipped[i] ^= 1 << bit
			back, err := unwrap(k, "store", base64.StdEncoding.EncodeToString(flipped))
			if err == nil && !bytes.Equal(bareOf(t, back), bareOf(t, keys)) {
				t.Errorf("another key comes out with bit %d of byte %d flipped", bit, i)
			}
			if err == nil {
				t.Errorf("it opens with bit %d of byte %d flipped", bit, i)
			}
		}
		if _, err := unwrap(k, "store", base64.StdEncoding.EncodeToString(raw[:i])); err == nil {
			t.Errorf("%d bytes of it open", i)
		}
	}
	if _, err := unwrap(k, "stor", wrapped); err == nil {
		t.Error("it opens in another store")
	}
	if _, err := unwrap(NewKey(), "store", wrapped); err == nil {
		t.Error("it opens with another key")
	}
}

func bareOf(t *testing.T, d *dataKeys) []byte {
	bare, err := d.bare()
	if err != nil {
		t.Fatal(err)
	}
	return bare
}

// Two different lists of parts never have the same associated data.
func TestAssociatedDataIsUnambiguous(t *testing.T) {
	seen := map[string][]string{}
	for _, parts := range [][]string{{}, {""}, {"", ""}, {"a"}, {"a", ""}, {"", "a"}, {"ab"}, {"a", "b"}, {"a\x00\x00\x00\x00\x00\x00\x00\x01b"}, {"ab", "c"}, {"a", "bc"}, {"abc"}} {
		text := string(associatedData(parts...))
		if before, twice := seen[text]; twice {
			t.Errorf("%q and %q are alike", before, parts)
		}
		seen[text] = parts
	}
}

// An older version of the whole file is accepted: the package does not promise to notice it.
func TestAnOlderFileIsAccepted(t *testing.T) {
	b := newBox(t)
	b.add(cloud, "a", good())
	older := b.raw()
	if err := b.Edit(t.Context(), cloud, "a", given("secret", "new")); err != nil {
		t.Fatal(err)
	}
	b.write(older)
	b.want("cloud/a key_id=" + canaryID + " secret=" + canarySecret)
}

func FuzzFile(f *testing.F) {
	folder := f.TempDir()
	key := File{filepath.Join(folder, "config", "key")}
	s := &Store{Home: filepath.Join(folder, "home"), Keys: []Source{key}, Create: key, Now: nil}
	if err := s.Add(f.Context(), cloud, "a", good("region", "south")); err != nil {
		f.Fatal(err)
	}
	raw, err := os.ReadFile(s.file())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	for _, text := range []string{"", "{}", "null", `{"version":1}`, `{"version":9}`, `{"version":1,"key":{"argon2id":{"salt":"AAAAAAAAAAA=","time":1,"memory":8,"threads":1}}}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		o, err := (&Store{Home: s.Home, Keys: []Source{key, Passphrase{}}}).open(t.Context(), text)
		if err == nil && !bytes.Equal(text, raw) {
			t.Fatalf("a file that was never written opens: %s", text)
		}
		if err != nil && (o != nil || strings.Contains(err.Error(), canarySecret)) {
			t.Fatalf("got %v with %v", o, err)
		}
	})
}
