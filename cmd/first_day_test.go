//go:build unix

package cmd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"errand/engine/goldenfile"
)

// The page about the first day is carried out from top to bottom, by real processes. The page must
// show what each command prints. With -update, the test rewrites the page.
func TestFirstDay(t *testing.T) {
	t.Parallel()
	page := filepath.Join("..", firstDay)
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	b := newBash(t, "/srv/trial", "127.0.0.1:8330", "127.0.0.1:8331")
	b.download()
	made := fence.ReplaceAllStringFunc(string(text), func(block string) string {
		m := fence.FindStringSubmatch(block)
		switch m[1] {
		case "yaml":
			b.write(fileName.FindStringSubmatch(m[2]), m[2])
		case "json":
			b.write(jsonFile.FindStringSubmatch(block), m[2])
		case "console":
			return "```console\n" + b.follow(m[2]) + "```"
		}
		return block
	})
	goldenfile.Check(t, page, []byte(made))
}

// write writes an example of the page to the file that it names.
func (b *bash) write(name []string, text string) {
	b.t.Helper()
	if name == nil {
		b.t.Fatalf("an example does not name its file:\n%s", text)
	}
	if err := os.WriteFile(filepath.Join(b.folder, name[1]), []byte(b.toLocal(text)), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// download puts the program into the folder, as a download does, and a newer one beside it.
func (b *bash) download() {
	b.t.Helper()
	program, err := exec.LookPath("errand")
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(b.folder, "new"), 0o700); err != nil {
		b.t.Fatal(err)
	}
	for _, name := range []string{"errand", "new/errand"} {
		if err := os.Symlink(program, filepath.Join(b.folder, name)); err != nil {
			b.t.Fatal(err)
		}
	}
}
