package credential

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"

	"errand/engine/task"
)

// A keeper is a recipient with its identity.
type keeper struct {
	to   Recipient
	from Identity
}

func newKeeper(t *testing.T) keeper {
	t.Helper()
	i, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return keeper{Recipient{Age: i.Recipient().String()}, Identity{Age: task.NewSecret("# created: today\n# public key: x\n" + i.String() + "\n")}}
}

func keepers(t *testing.T) map[string]keeper {
	t.Helper()
	i, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]keeper{
		"an identity":              newKeeper(t),
		"an identity for tomorrow": {Recipient{Age: i.Recipient().String() + "\n"}, Identity{Age: task.NewSecret(i.String())}},
		"a passphrase":             {Recipient{Passphrase: task.NewSecret(words)}, Identity{Passphrase: task.NewSecret(words)}},
	}
}

func (b *box) escrow(k keeper) []byte {
	b.t.Helper()
	var out bytes.Buffer
	if err := b.Escrow(b.t.Context(), &out, k.to); err != nil {
		b.t.Fatal(err)
	}
	return out.Bytes()
}

func (b *box) export(k keeper) []byte {
	b.t.Helper()
	var out bytes.Buffer
	if err := b.Export(b.t.Context(), &out, k.to); err != nil {
		b.t.Fatal(err)
	}
	return out.Bytes()
}

// An escrow opens a store whose key is lost, including what was stored after the escrow was made,
// and locks it with a new key.
func TestEscrow(t *testing.T) {
	for name, k := range keepers(t) {
		t.Run(name, func(t *testing.T) {
			b := beginning(t)
			kept := b.escrow(k)
			b.add(cloud, "late", good())
			if !strings.HasPrefix(string(kept), armor.Header) {
				t.Errorf("it begins with %.30s", kept)
			}
			if err := os.Remove(b.key); err != nil {
				t.Fatal(err)
			}
			if _, err := content(t, b.again()); err == nil {
				t.Fatal("it opens without its key")
			}
			var made []string
			s := b.again()
			s.OnKeyMade = func(place string) { made = append(made, place) }
			if err := s.Recover(t.Context(), bytes.NewReader(kept), k.from, File{b.key}); err != nil {
				t.Fatal(err)
			}
			b.want(append(slices.Clone(before), "cloud/late key_id="+canaryID+" secret="+canarySecret)...)
			if len(made) != 1 || made[0] != "the key file "+b.key {
				t.Errorf("a key was made at %q", made)
			}
			// Recover once more, with a passphrase as the new key.
			if err := b.again().Recover(t.Context(), bytes.NewReader(kept), k.from, typing(words)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAnEscrowThatDoesNotFit(t *testing.T) {
	k, other := newKeeper(t), newKeeper(t)
	b, stranger := beginning(t), beginning(t)
	kept, strange, exported := b.escrow(k), stranger.escrow(k), b.export(k)
	raw := b.raw()
	refuse := func(name string, file []byte, from Identity, message, hint string) {
		t.Run(name, func(t *testing.T) {
			b.t = t
			old := b.raw()
			said[*ArchiveError](t, b.again().Recover(t.Context(), bytes.NewReader(file), from, File{b.key + "new"}), message, hint)
			if !bytes.Equal(old, b.raw()) {
				t.Error("the store was changed")
			}
			if _, err := os.Stat(b.key + "new"); err == nil {
				t.Error("a key was made, although nothing was stored")
			}
		})
	}
	refuse("another's", kept, other.from, "the file is not encrypted for this identity or passphrase", "")
	refuse("by a passphrase", kept, Identity{Passphrase: task.NewSecret(words)}, "the file is not encrypted for this identity or passphrase", "")
	refuse("by nothing", kept, Identity{}, "expected an identity or a passphrase", "")
	refuse("by no identity", kept, Identity{Age: task.NewSecret("AGE-SECRET-KEY-1" + canarySecret)}, "this is not an age identity", "age-keygen")
	refuse("of another store", strange, k.from, "the escrow is for another store", "")
	refuse("an export", exported, k.from, "the file is not an escrow", "import it")
	refuse("cut", kept[:len(kept)-40], k.from, "the file is truncated, changed or not an age file", "")
	refuse("no file of age", []byte("hello"), k.from, "the file is truncated, changed or not an age file", "")
	refuse("nothing", nil, k.from, "the file is truncated, changed or not an age file", "")
	flipped := bytes.Clone(kept)
	flipped[len(kept)/2] ^= 1
	refuse("changed", flipped, k.from, "the file is truncated, changed or not an age file", "")
	encrypted := func(v any) []byte {
		var out bytes.Buffer
		text, _ := json.Marshal(v)
		if err := encrypt(&out, k.to, text); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	refuse("of a newer errand", encrypted(escrow{2, escrowKind, "x", start, nil}), k.from, "the file is not an escrow", "import it")
	refuse("without a key", encrypted(escrow{1, escrowKind, "x", start, []byte("x")}), k.from, "the escrow does not contain a key", "")
	if err := b.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	refuse("of a key that was rotated", kept, k.from, "the escrow of 2026-03-01 is for a data key that was rotated since", "use a later escrow")
	b.t = t
	b.write(bytes.Replace(raw, []byte(`"added": "2026`), []byte(`"added": "2025`), 1))
	if err := b.again().Recover(t.Context(), bytes.NewReader(kept), k.from, File{b.key}); !isDamage(err) {
		t.Errorf("a changed store is recovered: %v", err)
	}
	missing := newBox(t)
	said[*StoreError](t, missing.Recover(t.Context(), bytes.NewReader(kept), k.from, File{b.key}), "no such file", "nothing was changed")
}

// An export moves all credentials to another store, which has other keys.
func TestExport(t *testing.T) {
	for name, k := range keepers(t) {
		t.Run(name, func(t *testing.T) {
			b := beginning(t)
			b.add(desk, "x", given("secret", "a\nb \"c\" ü", "url", "https://x"))
			if err := b.MarkValidated(t.Context(), "cloud", "a", start.Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			exported := b.export(k)
			other := newBox(t)
			other.time = start.Add(time.Hour)
			stored, err := other.Import(t.Context(), bytes.NewReader(exported), k.from, all, false)
			if err != nil || len(stored) != 3 || stored[0].Name != "a" || stored[0].Connector != "cloud" {
				t.Fatalf("got %+v, %v", stored, err)
			}
			other.want(b.content()...)
			e, err := other.Show(t.Context(), cloud, "a")
			if err != nil || !e.Added.Equal(start) || !e.Validated.Equal(start.Add(time.Minute)) {
				t.Errorf("got %+v, %v", e, err)
			}
			one, _ := b.read(t.Context())
			two, _ := other.read(t.Context())
			if one.Store == two.Store || one.keys.id == two.keys.id || one.Key.Fingerprint == two.Key.Fingerprint {
				t.Error("the two stores have something in common")
			}
			if id := sealedOf(t, two.raw); slices.Equal(id, sealedOf(t, one.raw)) {
				t.Error("the values were not sealed again")
			}
			old := other.raw()
			said[*ExistsError](t, second(other.Import(t.Context(), bytes.NewReader(exported), k.from, all, false)), "already stored: cloud a, cloud b, desk x", "nothing was imported")
			if !bytes.Equal(old, other.raw()) {
				t.Error("it was imported in part")
			}
			if err := other.Edit(t.Context(), cloud, "a", given("secret", "changed", "region", "south")); err != nil {
				t.Fatal(err)
			}
			if _, err := other.Import(t.Context(), bytes.NewReader(exported), k.from, all, true); err != nil {
				t.Error(err)
			}
			other.want(b.content()...)
		})
	}
}

func second(_ []Entry, err error) error { return err }

func TestAnImportThatDoesNotFit(t *testing.T) {
	k := newKeeper(t)
	b := beginning(t)
	exported, kept := b.export(k), b.escrow(k)
	other := newBox(t)
	narrow := cloud
	narrow.Credential = slices.Clone(cloud.Credential[:2])
	e := said[*InvalidError](t, second(other.Import(t.Context(), bytes.NewReader(exported), k.from, []task.Connector{narrow}, false)), `cloud b: cloud has no parameter "token"`, "known are")
	if len(e.Problems) != 1 {
		t.Errorf("got %+v", e.Problems)
	}
	said[*InvalidError](t, second(other.Import(t.Context(), bytes.NewReader(exported), k.from, []task.Connector{desk}, false)), `there is no connector "cloud" for the credential "a"; there is no connector "cloud" for the credential "b"`, "")
	said[*ArchiveError](t, second(other.Import(t.Context(), bytes.NewReader(kept), k.from, all, false)), "the file is not an export of credentials", "recover the store")
	said[*ArchiveError](t, second(other.Import(t.Context(), bytes.NewReader(exported), newKeeper(t).from, all, false)), "not encrypted for this identity", "")
	if _, err := os.Stat(other.Home); err == nil {
		t.Error("the folder was made, although nothing was stored")
	}
}

func TestInvalidRecipients(t *testing.T) {
	b := beginning(t)
	for _, c := range []struct {
		name          string
		to            Recipient
		message, hint string
	}{
		{"nothing", Recipient{}, "the passphrase is too short", "12 characters"},
		{"a short passphrase", Recipient{Passphrase: task.NewSecret("short")}, "the passphrase is too short", "12 characters"},
		{"an identity", Recipient{Age: newKeeper(t).from.Age.Reveal()}, "this is an age identity, which must stay secret", "age-keygen -y"},
		{"something else", Recipient{Age: "ssh-ed25519 AAAA"}, "this is not an age recipient", "age1ql3z7"},
		{"a slip", Recipient{Age: "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8q"}, "this is not an age recipient", "age1ql3z7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			for _, err := range []error{b.Escrow(t.Context(), &out, c.to), b.Export(t.Context(), &out, c.to)} {
				said[*ArchiveError](t, err, c.message, c.hint)
				if strings.Contains(err.Error(), "AGE-SECRET") {
					t.Error("the error contains the identity")
				}
			}
			if out.Len() != 0 {
				t.Errorf("%d bytes were written", out.Len())
			}
		})
	}
	broken := &brokenWriter{}
	e := said[*StoreError](t, b.Export(t.Context(), broken, newKeeper(t).to), "the credentials cannot be written out: failed to write header: the pipe is closed", "the store was not changed")
	if !errors.Is(e, errPipe) {
		t.Errorf("got %v", e)
	}
}

var errPipe = errors.New("the pipe is closed")

type brokenWriter struct{}

func (*brokenWriter) Write([]byte) (int, error) { return 0, errPipe }

// An archive without armor, as the age program can write it, is accepted too.
func TestAnArchiveMayBeWithoutArmor(t *testing.T) {
	k := newKeeper(t)
	b := beginning(t)
	bare, err := decrypt(bytes.NewReader(b.export(k)), k.from)
	if err != nil {
		t.Fatal(err)
	}
	recipient, err := age.ParseX25519Recipient(k.to.Age)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, recipient)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write(bare)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	other := newBox(t)
	if _, err := other.Import(t.Context(), &out, k.from, all, false); err != nil {
		t.Error(err)
	}
	other.want(before...)
}
