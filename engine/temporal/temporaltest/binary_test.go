package temporaltest

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	_ "errand/engine/goldenfile"
)

// The source is found without a server, and every file of it counts.
func TestDigest(t *testing.T) {
	source, err := sourceFolder(t)
	if err != nil {
		t.Fatal(err)
	}
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(source)); err != nil {
		t.Fatal(err)
	}
	original := digest(t, source)
	if digest(t, copied) != original {
		t.Error("a copy of the source has another digest")
	}
	for _, name := range []string{"main.go", "server.go", "go.mod", "go.sum"} {
		file := filepath.Join(copied, name)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(text, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
		if digest(t, copied) == original {
			t.Errorf("the digest stays the same if %s changes", name)
		}
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := digestOf(t.TempDir()); err == nil {
		t.Error("a folder without source has a digest")
	}
}

func digest(t *testing.T, source string) string {
	t.Helper()
	digest, err := digestOf(source)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

// A server that was not used for long leaves the cache, and nothing else does.
func TestRemoveUnused(t *testing.T) {
	cache := t.TempDir()
	for name, age := range map[string]time.Duration{"temporal-server-old": unused + time.Hour, "temporal-server-used": unused - time.Hour, "other-old": 2 * unused} {
		file := filepath.Join(cache, name)
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
	removeUnused(cache)
	for name, stays := range map[string]bool{"temporal-server-old": false, "temporal-server-used": true, "other-old": true} {
		if _, err := os.Stat(filepath.Join(cache, name)); (err == nil) != stays {
			t.Errorf("%s: %v", name, err)
		}
	}
}
