package credential

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"errand/engine/task"
)

func ExampleStore() {
	home, _ := os.MkdirTemp("", "home")
	config, _ := os.MkdirTemp("", "config")
	defer os.RemoveAll(home)
	defer os.RemoveAll(config)
	key := File{filepath.Join(config, "key")}
	s := &Store{Home: home, Keys: []Source{key}, Create: key}
	connector := task.Connector{Name: "cloud", Credential: []task.Parameter{{Name: "secret", Encrypted: true, Required: true}}}

	_ = s.Add(context.Background(), connector, "production", task.Conceal(map[string]string{"secret": "hunter2hunter2"}))
	values, _ := s.Find(context.Background(), "cloud", "production")
	os.Stdout.WriteString(s.Mask().Text("it is " + values.Reveal("secret")))
	// Output: it is [secret]
}

func TestAStoreFromItsBeginning(t *testing.T) {
	b := newBox(t)
	if found, err := b.Find(t.Context(), "cloud", "a"); found != nil || err != nil {
		t.Errorf("an empty store has %v, %v", found, err)
	}
	if list, err := b.List(t.Context()); list != nil || err != nil {
		t.Errorf("an empty store lists %v, %v", list, err)
	}
	if _, err := os.Stat(b.Home); err == nil {
		t.Error("reading creates the folder")
	}
	var made []string
	b.OnKeyMade = func(place string) { made = append(made, place) }
	b.add(cloud, "production", good("region", "south"))
	b.time = b.time.Add(time.Hour)
	b.add(desk, "production", given("secret", "desk's own secret", "url", "https://x"))
	b.add(cloud, "Staging", good())
	if len(made) != 1 || made[0] != "the key file "+b.key {
		t.Errorf("a key was made at %q", made)
	}
	b.want("cloud/Staging key_id="+canaryID+" secret="+canarySecret, "cloud/production key_id="+canaryID+" region=south secret="+canarySecret, "desk/production secret=desk's own secret url=https://x")
	list, err := b.List(t.Context())
	if err != nil || len(list) != 3 || !list[1].Added.Equal(start) || !list[0].Added.Equal(start.Add(time.Hour)) || list[1].Parameters != nil {
		t.Errorf("listed %+v, %v", list, err)
	}
	if found, err := b.Find(t.Context(), "cloud", "prod"); found != nil || err != nil {
		t.Errorf("a credential that does not exist is %v, %v", found, err)
	}
	if runtime.GOOS != "windows" {
		for file, want := range map[string]os.FileMode{b.Home: 0o700 | os.ModeDir, b.file(): 0o600, b.key: 0o600, filepath.Dir(b.key): 0o700 | os.ModeDir, filepath.Join(b.Home, "credentials.lock"): 0o600, b.usedFile(): 0o600} {
			if info, err := os.Stat(file); err != nil || info.Mode() != want {
				t.Errorf("%s has the mode %v (%v)", file, info.Mode(), err)
			}
		}
	}
	for _, secret := range []string{canaryID, canarySecret, "desk's own secret"} {
		for _, form := range forms(secret) {
			if bytes.Contains(b.raw(), []byte(form)) {
				t.Errorf("the file holds %q", form)
			}
		}
	}
}

func TestWhatMayBeStored(t *testing.T) {
	for _, c := range []struct {
		name      string
		connector task.Connector
		as        string
		given     task.Values
		message   string // empty: it is accepted
		hint      string
		problems  int
	}{
		{"what is required", cloud, "a", good(), "", "", 0},
		{"everything", cloud, "a.b_c-d@e", good("region", "x", "token", "y", "note", "z"), "", "", 0},
		{"an empty value is as none", cloud, "a", good("token", "", "region", " "), "", "", 0},
		{"nothing", cloud, "a", nil, "key_id is missing; secret is missing", "", 2},
		{"an empty value is missing", cloud, "a", given("key_id", "x", "secret", "\n"), "secret is required, but empty", "", 1},
		{"an unknown parameter", cloud, "a", good("regoin", "x"), `cloud has no parameter "regoin"`, `did you mean "region"?`, 1},
		{"one like no other", cloud, "a", good("zzz", "x"), `cloud has no parameter "zzz"`, "known are key_id, secret, region, token, note", 1},
		{"what does not go together", cloud, "a", good("note", "x"), "token is missing; note needs it", "", 1},
		{"all at once", cloud, "a b", given("secert", "x", "key_id", "x", "region", "a b", "note", "x"),
			`"a b" is not a valid name for a credential; cloud has no parameter "secert"; secret is missing; region has a space in it; token is missing; note needs it`, `a name has at most 64 letters`, 5},
		{"no name", cloud, "", good(), `"" is not a valid name`, "a name has", 1},
		{"a long name", cloud, strings.Repeat("a", 65), good(), "is not a valid name", "a name has", 1},
		{"a path for a name", cloud, "../a", good(), "is not a valid name", "a name has", 1},
		{"no text", cloud, "a", good("region", "a\xffb"), "region is not valid UTF-8", "", 1},
		{"a long text", cloud, "a", good("region", strings.Repeat("a", maxValue+1)), "region is longer than 64 KiB", "", 1},
		{"as long as may be", cloud, "a", good("token", strings.Repeat("é", maxValue/2)), "", "", 0},
		{"a connector without credentials", none, "a", nil, `the connector "none" needs no credential`, "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBox(t)
			err := b.Add(t.Context(), c.connector, c.as, c.given)
			if c.message == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if e := said[*InvalidError](t, err, c.message, c.hint); len(e.Problems) != c.problems {
				t.Errorf("%d problems: %+v", len(e.Problems), e.Problems)
			}
			if _, err := os.Stat(b.key); err == nil {
				t.Error("a key was made, although nothing was stored")
			}
		})
	}
}

func TestAddTwice(t *testing.T) {
	b := newBox(t)
	b.add(cloud, "a", good())
	e := said[*ExistsError](t, b.again().Add(t.Context(), cloud, "a", good("region", "x")), `a credential of cloud is already stored under the name "a"`, "edit it, or use another name")
	if e.Connector != "cloud" || e.Name != "a" {
		t.Errorf("got %+v", e)
	}
	b.want("cloud/a key_id=" + canaryID + " secret=" + canarySecret)
}

func TestEdit(t *testing.T) {
	b := newBox(t)
	b.add(cloud, "a", good("region", "south", "token", "t", "note", "n"))
	if err := b.MarkValidated(t.Context(), "cloud", "a", start.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	b.time = start.Add(time.Hour)
	if err := b.Edit(t.Context(), cloud, "a", given("secret", " new secret\n", "region", "")); err != nil {
		t.Fatal(err)
	}
	b.want("cloud/a key_id=" + canaryID + " note=n secret=new secret token=t")
	e, err := b.Show(t.Context(), cloud, "a")
	if err != nil || !e.Added.Equal(start) || !e.Edited.Equal(b.time) || !e.Validated.IsZero() {
		t.Errorf("got %+v, %v", e, err)
	}
	before := b.raw()
	for _, c := range []struct {
		name          string
		given         task.Values
		message, hint string
	}{
		{"what is required stays", given("key_id", ""), "key_id is required, but empty", ""},
		{"what another needs stays", given("token", ""), "token is missing; note needs it", ""},
		{"unknown", given("not", "x"), `cloud has no parameter "not"`, `did you mean "note"?`},
	} {
		t.Run(c.name, func(t *testing.T) {
			said[*InvalidError](t, b.Edit(t.Context(), cloud, "a", c.given), c.message, c.hint)
			if !bytes.Equal(b.raw(), before) {
				t.Error("the file was changed")
			}
		})
	}
	if err := b.Edit(t.Context(), cloud, "a", given("note", "", "token", "")); err != nil {
		t.Error(err)
	}
	b.want("cloud/a key_id=" + canaryID + " secret=new secret")
}

func TestNotFound(t *testing.T) {
	for _, begun := range []bool{false, true} {
		b := newBox(t)
		hint := "no credential of cloud is stored"
		if begun {
			b.add(cloud, "production", good())
			hint = `did you mean "production"?`
		}
		_, shown := b.Show(t.Context(), cloud, "prodcution")
		for _, err := range []error{
			shown, b.Edit(t.Context(), cloud, "prodcution", nil), b.Delete(t.Context(), "cloud", "prodcution"), b.MarkValidated(t.Context(), "cloud", "prodcution", start),
		} {
			said[*NotFoundError](t, err, `no credential of cloud is stored under the name "prodcution"`, hint)
		}
		if !begun {
			for _, err := range []error{b.Rotate(t.Context()), b.Rewrap(t.Context(), File{b.key}), b.Escrow(t.Context(), nil, Recipient{}), b.Export(t.Context(), nil, Recipient{})} {
				said[*NotFoundError](t, err, "no credentials are stored in "+b.Home, "")
			}
			if _, err := os.Stat(b.Home); err == nil {
				t.Error("the folder was made, although nothing was stored")
			}
		}
	}
}

func TestDelete(t *testing.T) {
	b := newBox(t)
	b.add(cloud, "a", good())
	b.add(cloud, "b", good())
	if err := b.again().Delete(t.Context(), "cloud", "a"); err != nil {
		t.Fatal(err)
	}
	if found, err := b.Find(t.Context(), "cloud", "a"); found != nil || err != nil {
		t.Errorf("a store that has found it before returns %v, %v", found, err)
	}
	if err := b.Delete(t.Context(), "cloud", "b"); err != nil {
		t.Fatal(err)
	}
	b.want()
	b.add(cloud, "a", good())
}

func TestShowShowsNoSecret(t *testing.T) {
	b := newBox(t)
	b.add(cloud, "a", good("note", "for the desk", "token", "short"))
	b.add(cloud, "b", given("key_id", "AKID1234567", "secret", "x"))
	e, err := b.again().Show(t.Context(), cloud, "a")
	if err != nil {
		t.Fatal(err)
	}
	want := []ShownParameter{
		{Name: "key_id", Title: "Key ID", Encrypted: true, Set: true, Last: "6789"},
		{Name: "secret", Title: "Secret", Encrypted: true, Set: true},
		{Name: "region", Title: "Region", Value: "north"},
		{Name: "token", Title: "Token", Encrypted: true, Set: true},
		{Name: "note", Title: "Note", Set: true, Value: "for the desk"},
	}
	for i := range max(len(want), len(e.Parameters)) {
		if i >= len(e.Parameters) || e.Parameters[i] != want[i] {
			t.Errorf("shown are %+v, want %+v", e.Parameters, want)
			break
		}
	}
	if e, err = b.Show(t.Context(), cloud, "b"); err != nil || e.Parameters[0].Last != "" {
		t.Errorf("a short key id is shown as %+v, %v", e.Parameters[0], err)
	}
}

// The time of the last use is written at most once a minute, in a separate file that may get lost.
func TestUsed(t *testing.T) {
	b := newBox(t)
	b.add(cloud, "a", good())
	b.add(cloud, "b", good())
	used := func() time.Time {
		t.Helper()
		e, err := b.again().Show(t.Context(), cloud, "a")
		if err != nil {
			t.Fatal(err)
		}
		return e.Used
	}
	find := func(s *Store) {
		t.Helper()
		if v, err := s.Find(t.Context(), "cloud", "a"); err != nil || v == nil {
			t.Fatal(v, err)
		}
	}
	if !used().IsZero() {
		t.Error("it has a time of use before its first use")
	}
	before := b.raw()
	find(b.Store)
	first, err := os.Stat(b.usedFile())
	if err != nil || !used().Equal(start) {
		t.Errorf("used %v, %v", used(), err)
	}
	for _, s := range []*Store{b.Store, b.again()} {
		b.time = b.time.Add(29 * time.Second)
		find(s)
	}
	if second, _ := os.Stat(b.usedFile()); !os.SameFile(first, second) || !used().Equal(start) {
		t.Error("the time of use is written twice within a minute")
	}
	b.time = start.Add(time.Minute)
	find(b.Store)
	if !used().Equal(b.time) {
		t.Errorf("used %v", used())
	}
	for _, broken := range []string{"", "{", `{"cloud/a":"yesterday"}`, `{"x":"2026-03-01T10:00:00Z"}`} {
		if err := os.WriteFile(b.usedFile(), []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		if !used().IsZero() {
			t.Errorf("%s: used %v", broken, used())
		}
	}
	find(b.again())
	if !used().Equal(b.time) || !bytes.Equal(b.raw(), before) {
		t.Errorf("used %v, or the store was changed", used())
	}
	if err := os.Remove(b.usedFile()); err != nil || os.Mkdir(b.usedFile(), 0o700) != nil {
		t.Fatal(err)
	}
	find(b.again())
	if litter, _ := filepath.Glob(filepath.Join(b.Home, "*.new")); litter != nil {
		t.Errorf("left behind: %q", litter)
	}
}

// A change by another process is seen at once.
func TestAChangeIsSeenByOthers(t *testing.T) {
	b := newBox(t)
	other := b.again()
	b.add(cloud, "a", good())
	for _, value := range []string{"one", "two"} {
		if err := b.Edit(t.Context(), cloud, "a", given("secret", value)); err != nil {
			t.Fatal(err)
		}
		if v, err := other.Find(t.Context(), "cloud", "a"); err != nil || v.Reveal("secret") != value {
			t.Errorf("got %q, %v", v.Reveal("secret"), err)
		}
	}
	lately := time.Now().Add(-time.Hour) // older than settleTime
	if err := os.Chtimes(b.file(), lately, lately); err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{"six", "ten"} { // a file of the same size
		first, err := other.read(t.Context())
		if second, _ := other.read(t.Context()); err != nil || first != second {
			t.Error("an unchanged file is read again")
		}
		if err := b.Edit(t.Context(), cloud, "a", given("secret", value)); err != nil {
			t.Fatal(err)
		}
		if v, err := other.Find(t.Context(), "cloud", "a"); err != nil || v.Reveal("secret") != value {
			t.Errorf("got %q, %v", v.Reveal("secret"), err)
		}
		if err := os.Chtimes(b.file(), lately, lately); err != nil {
			t.Fatal(err)
		}
		if v, err := other.Find(t.Context(), "cloud", "a"); err != nil || v.Reveal("secret") != value {
			t.Errorf("got %q, %v", v.Reveal("secret"), err)
		}
	}
	if err := os.Remove(b.file()); err != nil {
		t.Fatal(err)
	}
	if v, err := other.Find(t.Context(), "cloud", "a"); v != nil || err != nil {
		t.Errorf("without its file it has %v, %v", v, err)
	}
}
