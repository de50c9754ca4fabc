// Package goldenfile compares what a test made with the content of a file, and rewrites the file if
// the test runs with -update. It defines that flag for all tests of the module: every test package
// imports it, even one without golden files, so that `go test ./... -update` works.
package goldenfile

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite golden files")

// Updating reports whether golden files must be rewritten.
func Updating() bool { return *update }

// Check fails the test if the content of the file differs from made. With -update it writes the
// file instead.
func Check(t testing.TB, file string, made []byte) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if old, err := os.ReadFile(file); err == nil && bytes.Equal(old, made) {
			return
		}
		if err := os.WriteFile(file, made, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v\nrun the test with -update to write the file", err)
	}
	if difference := Difference(string(want), string(made)); difference != "" {
		t.Errorf("%s differs (-update rewrites it; read the change before you commit it):\n%s", file, difference)
	}
}

// Difference returns the lines in which two texts differ, with two lines of context before the
// first. It returns "" if they are equal.
func Difference(want, made string) string {
	if want == made {
		return ""
	}
	a, b := strings.Split(want, "\n"), strings.Split(made, "\n")
	same := 0
	for same < len(a) && same < len(b) && a[same] == b[same] {
		same++
	}
	tail := 0
	for tail < len(a)-same && tail < len(b)-same && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var out strings.Builder
	for i := max(0, same-2); i < same; i++ {
		fmt.Fprintf(&out, "  %4d   %s\n", i+1, a[i])
	}
	show := func(mark string, lines []string) {
		const most = 30
		for i, line := range lines {
			if i == most {
				fmt.Fprintf(&out, "  … and %d lines more\n", len(lines)-most)
				break
			}
			fmt.Fprintf(&out, "  %4d %s %s\n", same+i+1, mark, line)
		}
	}
	show("-", a[same:len(a)-tail])
	show("+", b[same:len(b)-tail])
	return out.String()
}
