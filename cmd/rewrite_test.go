package cmd

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestRewrite(t *testing.T) {
	const before, after = "before", "after\r\n"
	cases := []struct {
		name    string
		prepare func(t *testing.T, dir string) (file string)
		want    func(err error) bool
		holds   string
	}{
		{"a file", func(t *testing.T, dir string) string { return put(t, filepath.Join(dir, "x"), before, 0o640) }, isNil, after},
		{"changed in the meantime", func(t *testing.T, dir string) string { return put(t, filepath.Join(dir, "x"), "other", 0o640) }, is(errChanged), "other"},
		{"grown in the meantime", func(t *testing.T, dir string) string { return put(t, filepath.Join(dir, "x"), before+"!", 0o640) }, is(errChanged), before + "!"},
		{"missing", func(_ *testing.T, dir string) string { return filepath.Join(dir, "x") }, is(fs.ErrNotExist), ""},
		{"a link", func(t *testing.T, dir string) string {
			put(t, filepath.Join(dir, "below", "y"), before, 0o640)
			link(t, filepath.Join("below", "y"), filepath.Join(dir, "between"))
			link(t, filepath.Join(dir, "between"), filepath.Join(dir, "x"))
			return filepath.Join(dir, "x")
		}, isNil, after},
		{"a link to nowhere", func(t *testing.T, dir string) string {
			link(t, "nowhere", filepath.Join(dir, "x"))
			return filepath.Join(dir, "x")
		}, is(fs.ErrNotExist), ""},
		{"a folder", func(t *testing.T, dir string) string {
			if err := os.Mkdir(filepath.Join(dir, "x"), 0o755); err != nil {
				t.Fatal(err)
			}
			return filepath.Join(dir, "x")
		}, func(err error) bool { return err != nil }, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			file := c.prepare(t, dir)
			entries := count(t, dir)
			old, _ := os.Lstat(file)
			if err := rewrite(file, []byte(before), []byte(after)); !c.want(err) {
				t.Errorf("error %v", err)
			}
			if held, err := os.ReadFile(file); err == nil && string(held) != c.holds {
				t.Errorf("the file contains %q, want %q", held, c.holds)
			}
			if now, _ := os.Lstat(file); old != nil && (now == nil || now.Mode() != old.Mode()) {
				t.Errorf("mode %v before, %v after", old.Mode(), now)
			}
			if left := count(t, dir); left != entries {
				t.Errorf("%d files before, %d after", entries, left)
			}
		})
	}
}

// A read-only file is not replaced, although its folder permits it.
func TestRewriteReadOnlyFile(t *testing.T) {
	if os.Geteuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("this user may write every file")
	}
	file := put(t, filepath.Join(t.TempDir(), "x"), "before", 0o440)
	if err := rewrite(file, []byte("before"), []byte("after")); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("error %v", err)
	}
	if held, err := os.ReadFile(file); err != nil || !bytes.Equal(held, []byte("before")) {
		t.Errorf("the file contains %q: %v", held, err)
	}
}

func isNil(err error) bool { return err == nil }

func is(want error) func(error) bool { return func(err error) bool { return errors.Is(err, want) } }

func put(t *testing.T, file, text string, mode fs.FileMode) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, mode); err != nil {
		t.Fatal(err)
	}
	return file
}

func link(t *testing.T, to, at string) {
	t.Helper()
	if err := os.Symlink(to, at); err != nil {
		t.Skip(err)
	}
}

// count returns the number of files in a folder and below it.
func count(t *testing.T, dir string) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(string, fs.DirEntry, error) error {
		n++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
