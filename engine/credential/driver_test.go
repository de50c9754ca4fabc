package credential

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "errand/engine/goldenfile"
	"errand/engine/task"
)

// cloud is a connector with every kind of parameter.
var cloud = task.Connector{
	Name: "cloud",
	Credential: []task.Parameter{
		{Name: "key_id", Title: "Key ID", Encrypted: true, Required: true},
		{Name: "secret", Title: "Secret", Encrypted: true, Required: true},
		{Name: "region", Title: "Region", Default: "north"},
		{Name: "token", Title: "Token", Encrypted: true},
		{Name: "note", Title: "Note"},
	},
	Fit: func(v task.Values) []task.Check {
		var wrong []task.Check
		if r := v.Reveal("region"); strings.Contains(r, " ") {
			wrong = append(wrong, task.Check{Parameter: "region", Message: "has a space in it"})
		}
		if !v["note"].IsZero() && v["token"].IsZero() {
			wrong = append(wrong, task.Check{Parameter: "token", Message: "is missing; note needs it"})
		}
		return wrong
	},
}

// desk is another connector; none is one that needs no credential.
var (
	desk = task.Connector{Name: "desk", Credential: []task.Parameter{{Name: "secret", Encrypted: true, Required: true}, {Name: "url", Required: true}}}
	none = task.Connector{Name: "none"}
	all  = []task.Connector{cloud, desk, none}
)

// Canaries: neither may ever be in a file or an error.
const (
	canaryID     = "AKIDCANARY0123456789"
	canarySecret = "canary/secret+value"
)

func given(pairs ...string) task.Values {
	v := task.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v[pairs[i]] = task.NewSecret(pairs[i+1])
	}
	return v
}

func good(more ...string) task.Values {
	v := given("key_id", canaryID, "secret", canarySecret)
	maps.Copy(v, given(more...))
	return v
}

var start = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// A box is a store with a clock. Its key file is made on first use.
type box struct {
	*Store
	t    *testing.T
	key  string
	time time.Time
}

func newBox(t *testing.T) *box {
	t.Helper()
	b := &box{t: t, key: filepath.Join(t.TempDir(), "config", "key"), time: start}
	b.Store = b.open(filepath.Join(t.TempDir(), "home"))
	return b
}

// open returns a store in a folder, as another process would open it.
func (b *box) open(home string) *Store {
	return &Store{Home: home, Keys: []Source{File{b.key}}, Create: File{b.key}, Now: func() time.Time { return b.time }}
}

func (b *box) again() *Store { return b.open(b.Home) }

func (b *box) add(c task.Connector, name string, v task.Values) {
	b.t.Helper()
	if err := b.Add(b.t.Context(), c, name, v); err != nil {
		b.t.Fatal(err)
	}
}

// content returns everything that is stored, read by a new store: "cloud/a key_id=… secret=…".
func (b *box) content() []string {
	b.t.Helper()
	all, err := content(b.t, b.again())
	if err != nil {
		b.t.Fatal(err)
	}
	return all
}

func content(t *testing.T, s *Store) ([]string, error) {
	entries, err := s.List(t.Context())
	if err != nil {
		return nil, err
	}
	var all []string
	for _, e := range entries {
		values, err := s.Find(t.Context(), e.Connector, e.Name)
		if err != nil {
			return nil, err
		}
		var line strings.Builder
		line.WriteString(e.Connector + "/" + e.Name)
		for _, name := range slices.Sorted(maps.Keys(values)) {
			line.WriteString(" " + name + "=" + values.Reveal(name))
		}
		all = append(all, line.String())
	}
	return all, nil
}

func (b *box) want(lines ...string) {
	b.t.Helper()
	if got := b.content(); !slices.Equal(got, lines) {
		b.t.Errorf("stored are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(lines, "\n"))
	}
}

func (b *box) raw() []byte {
	b.t.Helper()
	raw, err := os.ReadFile(b.file())
	if err != nil {
		b.t.Fatal(err)
	}
	return raw
}

func (b *box) write(raw []byte) {
	b.t.Helper()
	if err := os.WriteFile(b.file(), raw, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// said checks the type, the message and the hint of an error.
func said[E interface {
	error
	Explain() (string, string)
}](t *testing.T, err error, message, hint string) E {
	t.Helper()
	e, ok := errors.AsType[E](err)
	if !ok {
		t.Fatalf("got %T: %v", err, err)
	}
	gotMessage, gotHint := e.Explain()
	if !strings.Contains(gotMessage, message) || !strings.Contains(gotHint, hint) || hint == "" && gotHint != "" {
		t.Errorf("got %q, hint %q; want %q, hint %q", gotMessage, gotHint, message, hint)
	}
	if gotMessage == "" || strings.HasSuffix(gotMessage, ".") || strings.Contains(err.Error(), canarySecret) || strings.Contains(err.Error(), canaryID) {
		t.Errorf("this is not a proper message: %q", err)
	}
	return e
}
