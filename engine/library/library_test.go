package library_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"errand/engine/definition"
	_ "errand/engine/goldenfile"
	"errand/engine/library"
)

// folder makes a folder of files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// shipped returns what the other places do not have.
func shipped() fs.FS {
	return fstest.MapFS{
		"one.yaml": {Data: []byte("shipped one")}, "two.yaml": {Data: []byte("shipped two")},
		"three.yaml": {Data: []byte("shipped three")}, "notes.txt": {Data: []byte("no definition")},
	}
}

func TestFindLooksInOrder(t *testing.T) {
	own := folder(t, map[string]string{"one.yaml": "own one", "two.yml": "own two"})
	beside := folder(t, map[string]string{"one.yml": "beside one", "sub/four.yaml": "four"})
	l := library.Library{Folder: own, Shipped: shipped()}
	for _, c := range []struct {
		name    string
		folders []string
		file    string
		text    string
	}{
		{"one", []string{beside}, filepath.Join(beside, "one.yml"), "beside one"},
		{"one", nil, filepath.Join(own, "one.yaml"), "own one"},
		{"two", []string{beside}, filepath.Join(own, "two.yml"), "own two"},
		{"three", []string{beside}, "definitions/three.yaml", "shipped three"},
		{"three", []string{filepath.Join(beside, "none")}, "definitions/three.yaml", "shipped three"},
		{filepath.Join(beside, "sub", "four.yaml"), nil, filepath.Join(beside, "sub", "four.yaml"), "four"},
	} {
		found, err := l.Find(c.name, c.folders...)
		if err != nil || found.File != filepath.ToSlash(c.file) || string(found.Text) != c.text {
			t.Errorf("%s in %v: %+v, %v", c.name, c.folders, found, err)
		}
	}
	file, text, err := l.Beside(filepath.Join(beside, "caller.yaml"))("one")
	if err != nil || string(text) != "beside one" || !strings.HasSuffix(file, "/one.yml") {
		t.Errorf("beside a file: %s, %s, %v", file, text, err)
	}
}

func TestNothingIsFound(t *testing.T) {
	l := library.Library{Folder: folder(t, map[string]string{"start-it.yaml": ""}), Shipped: shipped()}
	for _, c := range []struct{ name, near, message string }{
		{"thre", "three", `there is no workflow "thre"`},
		{"start_it", "start-it", `there is no workflow "start_it"`},
		{"notes", "", `there is no workflow "notes"`},
		{"quite-another", "", `there is no workflow "quite-another"`},
	} {
		_, err := l.Find(c.name)
		missing, ok := errors.AsType[*library.NotFoundError](err)
		if !ok || !errors.Is(err, library.ErrNotFound) || missing.Name != c.name || missing.Near != c.near || err.Error() != c.message {
			t.Errorf("%s: %#v", c.name, err)
		}
	}
	beside := folder(t, map[string]string{"neighbour.yaml": ""})
	_, err := l.Find("neighbor", beside)
	if missing, ok := errors.AsType[*library.NotFoundError](err); !ok || missing.Near != "neighbour" {
		t.Errorf("a near name in another folder: %#v", err)
	}
	for _, file := range []string{"none.yaml", "no/such/file", "none.yml"} {
		_, err := l.Find(file)
		if _, ok := errors.AsType[*library.FileError](err); !ok || !errors.Is(err, library.ErrNotFound) || err.Error() != fmt.Sprintf("there is no file %q", file) {
			t.Errorf("%s: %#v", file, err)
		}
	}
}

// A file with the rules of intake is not a definition. A definition may have the same name.
func TestIntakeFilesAreNotFound(t *testing.T) {
	const rules = "version: 1\nsource: ism\nrules: []\n"
	for _, c := range []struct {
		text  string
		found []string
	}{
		{rules, []string{"one", "three", "two"}},
		{"", []string{"one", "three", "two"}},
		{"workflow: intake\nsteps: []\n", []string{"intake", "one", "three", "two"}},
	} {
		l := library.Library{Folder: folder(t, map[string]string{"intake.yaml": c.text, "portal.intake.yml": rules}), Shipped: shipped()}
		names, err := l.Names()
		if err != nil || !slices.Equal(names, c.found) {
			t.Errorf("%q: %v, %v", c.text, names, err)
		}
		_, err = l.Find("intake")
		if missing := errors.Is(err, library.ErrNotFound); missing == slices.Contains(c.found, "intake") {
			t.Errorf("%q: %v", c.text, err)
		}
	}
}

// A missing folder does not keep the shipped definitions from being found, but is reported with a
// name that is not found.
func TestTheFolderIsMissing(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	l := library.Library{Folder: none, Shipped: shipped()}
	if found, err := l.Find("one"); err != nil || string(found.Text) != "shipped one" {
		t.Errorf("%+v, %v", found, err)
	}
	_, err := l.Find("other")
	if missing, ok := errors.AsType[*library.FolderError](err); !ok || missing.Folder != none || errors.Is(err, library.ErrNotFound) {
		t.Errorf("%#v", err)
	} else if text := err.Error(); strings.Count(text, none) != 1 || !strings.Contains(text, ", cannot be read: ") {
		t.Errorf("the message must name the folder once, and the reason: %s", text)
	}
	names, err := l.Names()
	if _, ok := errors.AsType[*library.FolderError](err); !ok || !slices.Equal(names, []string{"one", "three", "two"}) {
		t.Errorf("%v, %v", names, err)
	}
}

// What has the name of a definition and cannot be read is an error: nothing takes its place.
func TestWhatCannotBeReadIsNotPassedOver(t *testing.T) {
	own := folder(t, map[string]string{"one.yaml/inner.yaml": ""})
	l := library.Library{Folder: own, Shipped: shipped()}
	file := filepath.Join(own, "one.yaml")
	for _, name := range []string{"one", file} {
		_, err := l.Find(name)
		if !errors.Is(err, library.ErrFolder) || errors.Is(err, library.ErrNotFound) || err.Error() != file+" is a folder; name a file in it" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if names, err := l.Names(); err != nil || !slices.Equal(names, []string{"one", "three", "two"}) {
		t.Errorf("%v, %v", names, err)
	}
}

func TestFilesHaveALimit(t *testing.T) {
	dir := folder(t, map[string]string{"large.yaml": strings.Repeat("#", definition.MaxSize+100), "five.json": "12345"})
	found, err := library.Library{Folder: dir}.Find("large")
	if err != nil || len(found.Text) != definition.MaxSize+1 {
		t.Errorf("%d bytes of a definition, %v", len(found.Text), err)
	}
	if _, problems := definition.Parse(found.File, found.Text); len(problems) == 0 || !strings.Contains(problems[0].Message, "the file has") {
		t.Errorf("the parser says %v", problems)
	}
	file := filepath.Join(dir, "five.json")
	if text, err := library.ReadFile(file, 5); err != nil || string(text) != "12345" {
		t.Errorf("%s, %v", text, err)
	}
	text, err := library.ReadFile(file, 4)
	if text != nil || !errors.Is(err, library.ErrTooLarge) || err.Error() != file+" cannot be read: it is too large: 4 bytes are the most" {
		t.Errorf("%s, %v", text, err)
	}
}

// A file that is open in an editor has the text in the editor, even if it is not on disk.
func TestOpenFilesComeFirst(t *testing.T) {
	dir := folder(t, map[string]string{"one.yaml": "on disk", "two.yaml": "on disk"})
	open := map[string]string{"one.yaml": "in the editor", "new.yaml": "never saved"}
	l := library.Library{Shipped: shipped(), Opened: func(file string) ([]byte, bool) {
		if filepath.ToSlash(dir) != filepath.ToSlash(filepath.Dir(filepath.FromSlash(file))) {
			return nil, false
		}
		text, ok := open[filepath.Base(file)]
		return []byte(text), ok
	}}
	for name, want := range map[string]string{"one": "in the editor", "two": "on disk", "new": "never saved", "three": "shipped three"} {
		if found, err := l.Find(name, dir); err != nil || string(found.Text) != want {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
}

func TestNames(t *testing.T) {
	own := folder(t, map[string]string{"own.yml": "", "one.yaml": "", "README.md": "", "sub/inner.yaml": ""})
	beside := folder(t, map[string]string{"beside.yaml": "", "loud.YAML": "", "own.yaml": ""})
	names, err := library.Library{Folder: own, Shipped: shipped()}.Names(beside, filepath.Join(beside, "none"))
	if err != nil || !slices.Equal(names, []string{"beside", "one", "own", "three", "two"}) {
		t.Errorf("%v, %v", names, err)
	}
	all, err := library.Library{}.Names()
	if err != nil || !slices.Contains(all, "start-instance") {
		t.Errorf("the shipped ones are %v, %v", all, err)
	}
	for _, name := range all {
		if found, err := (library.Library{}).Find(name); err != nil || len(found.Text) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
