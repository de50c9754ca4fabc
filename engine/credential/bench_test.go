package credential

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkFind compares finding a credential with its floor: reading the file.
func BenchmarkFind(b *testing.B) {
	key := File{filepath.Join(b.TempDir(), "key")}
	s := &Store{Home: filepath.Join(b.TempDir(), "home"), Keys: []Source{key}, Create: key}
	for _, name := range []string{"a", "b", "c", "d"} {
		if err := s.Add(b.Context(), cloud, name, good("region", "south", "token", "x")); err != nil {
			b.Fatal(err)
		}
	}
	lately := time.Now().Add(-time.Hour) // older than settleTime
	if err := os.Chtimes(s.file(), lately, lately); err != nil {
		b.Fatal(err)
	}
	b.Run("store", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if v, err := s.Find(b.Context(), "cloud", "c"); err != nil || v == nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("first", func(b *testing.B) { // with the key, the seal and the mark of use
		for b.Loop() {
			one := &Store{Home: s.Home, Keys: s.Keys}
			if v, err := one.Find(b.Context(), "cloud", "c"); err != nil || v == nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("floor", func(b *testing.B) {
		for b.Loop() {
			if _, err := os.ReadFile(s.file()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("none", func(b *testing.B) { // without a store
		one := &Store{Home: filepath.Join(s.Home, "none"), Keys: s.Keys}
		for b.Loop() {
			if v, err := one.Find(b.Context(), "cloud", "c"); err != nil || v != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkEdit compares a change with its floor: writing a file, waiting for the disk, and
// renaming it.
func BenchmarkEdit(b *testing.B) {
	key := File{filepath.Join(b.TempDir(), "key")}
	s := &Store{Home: filepath.Join(b.TempDir(), "home"), Keys: []Source{key}, Create: key}
	if err := s.Add(b.Context(), cloud, "a", good()); err != nil {
		b.Fatal(err)
	}
	b.Run("store", func(b *testing.B) {
		for b.Loop() {
			if err := s.Edit(b.Context(), cloud, "a", given("secret", "new secret")); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("floor", func(b *testing.B) {
		data := []byte(strings.Repeat("x", 1500))
		for b.Loop() {
			if err := s.replace(data); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkMask(b *testing.B) {
	m := masking(canarySecret, canaryID, "another token of forty characters or so..", hairy)
	line := strings.Repeat(`{"level":"info","message":"instance i-0a1b2c3d4e5f60001 was started: stopped -> pending"} `, 12)
	for _, c := range []struct{ name, text string }{{"nothing", line}, {"one", line + canarySecret + line}} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			for b.Loop() {
				m.Text(c.text)
			}
		})
	}
	b.Run("made", func(b *testing.B) {
		for b.Loop() {
			masking(canarySecret, canaryID, "another token of forty characters or so..", hairy).Text("x")
		}
	})
}
