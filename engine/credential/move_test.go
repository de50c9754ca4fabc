package credential

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"errand/engine/task"
)

// A change by which requests go elsewhere can be refused, and then nothing is stored. Nobody is
// asked about any other change.
func TestMayMove(t *testing.T) {
	c := cloud
	c.Target = func(v task.Values) string { return v.Reveal("region") }
	refusal := errors.New("a run has used it")
	key := newKeeper(t)
	for _, change := range []struct {
		name  string
		do    func(s *Store, exported []byte) error
		asked []string
	}{
		{"another secret", func(s *Store, _ []byte) error { return s.Edit(t.Context(), c, "a", given("secret", "rotated-secret")) }, nil},
		{"the same place", func(s *Store, _ []byte) error { return s.Edit(t.Context(), c, "a", given("region", "south")) }, nil},
		{"another place", func(s *Store, _ []byte) error { return s.Edit(t.Context(), c, "a", given("region", "west")) }, []string{"cloud a"}},
		{"no place", func(s *Store, _ []byte) error { return s.Edit(t.Context(), c, "a", given("region", "")) }, []string{"cloud a"}},
		{"a new credential", func(s *Store, _ []byte) error { return s.Add(t.Context(), c, "b", good()) }, []string{"cloud b"}},
		{"an import over another place", func(s *Store, exported []byte) error {
			return second(s.Import(t.Context(), bytes.NewReader(exported), key.from, []task.Connector{c}, true))
		}, []string{"cloud a"}},
		{"a connector that has one place", func(s *Store, _ []byte) error { return s.Edit(t.Context(), cloud, "a", given("region", "west")) }, nil},
	} {
		t.Run(change.name, func(t *testing.T) {
			b := newBox(t)
			b.add(c, "a", good("region", "north"))
			exported := b.export(key)
			if err := b.Edit(t.Context(), c, "a", given("region", "south")); err != nil {
				t.Fatal(err)
			}
			before := b.raw()
			var asked []string
			b.MayMove = func(_ context.Context, connector, name string, _ time.Time) error {
				asked = append(asked, connector+" "+name)
				return refusal
			}
			err := change.do(b.Store, exported)
			if !slices.Equal(asked, change.asked) || errors.Is(err, refusal) != (change.asked != nil) || err != nil && change.asked == nil {
				t.Errorf("asked about %q, %v; want %q", asked, err, change.asked)
			}
			if change.asked != nil && !bytes.Equal(b.raw(), before) {
				t.Error("the file was changed")
			}
			b.MayMove = func(context.Context, string, string, time.Time) error { return nil }
			if err := change.do(b.Store, exported); err != nil {
				t.Errorf("what may move is refused: %v", err)
			}
		})
	}
}

// A credential that was deleted while runs needed it is put back: only what was sent since then moves, if
// its requests go where they went. Another process knows it, too.
func TestPutBack(t *testing.T) {
	c := cloud
	c.Target = func(v task.Values) string { return v.Reveal("region") }
	for _, test := range []struct {
		name   string
		remove func(b *box) error
		region string
		since  bool
	}{
		{"deleted while it was needed", func(b *box) error { return b.DeleteUsed(t.Context(), c, "a") }, "north", true},
		{"and put back elsewhere", func(b *box) error { return b.DeleteUsed(t.Context(), c, "a") }, "south", false},
		{"deleted while nobody needed it", func(b *box) error { return b.Delete(t.Context(), "cloud", "a") }, "north", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBox(t)
			b.add(c, "a", good("region", "north"))
			if err := test.remove(b); err != nil {
				t.Fatal(err)
			}
			s := b.again()
			var asked []time.Time
			s.MayMove = func(_ context.Context, _, _ string, since time.Time) error {
				asked = append(asked, since)
				return nil
			}
			for range 2 { // the second time it was deleted by somebody who knows of no run
				if err := s.Add(t.Context(), c, "a", good("region", test.region)); err != nil {
					t.Fatal(err)
				}
				if err := s.Delete(t.Context(), "cloud", "a"); err != nil {
					t.Fatal(err)
				}
			}
			if len(asked) != 2 || asked[0].IsZero() == test.since || !asked[1].IsZero() {
				t.Errorf("asked about what was sent since %v", asked)
			}
		})
	}
	b := newBox(t)
	if err := b.DeleteUsed(t.Context(), c, "none"); !isNotFound(err) {
		t.Errorf("got %v", err)
	}
}
