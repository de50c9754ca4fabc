package intake_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"errand/engine/diag"
	"errand/engine/library"
)

func TestLoadFolder(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"intake.yaml":         ruleOfStart,
		"portal.intake.yml":   "version: 1\nsource: portal\nrules: []\n",
		"twice.intake.yaml":   "version: 1\nsource: portal\nschema: none.json\nrules: []\n",
		"old.intake.yaml":     "workflow: old\nsteps: [{task: worklog.format, with: {note: a}}]\n", // a definition
		"rules.yaml":          ruleOfStart,                                                         // another name
		"intake.json":         `{"version": 1}`,
		"inner/intake.yaml":   ruleOfStart,
		"x.intake.yaml/a.txt": "a folder",
	} {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all, err := loader().LoadFolder(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, loaded := range all {
		names = append(names, filepath.Base(loaded.File)+" "+loaded.Name)
		if good := loaded.Name == "ism"; (loaded.Source != nil) != good || diag.HasErrors(loaded.Problems) == good || loaded.Err != nil {
			t.Errorf("%s: %+v", loaded.File, loaded)
		}
		same := slices.ContainsFunc(loaded.Problems, func(p diag.Problem) bool { return p.Rule == "duplicate-source" })
		if same != (loaded.Name == "portal") {
			t.Errorf("%s has the source of another file: %t", loaded.File, same)
		}
	}
	if want := []string{"intake.yaml ism", "portal.intake.yml portal", "twice.intake.yaml portal"}; !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}

func TestFolderThatIsMissing(t *testing.T) {
	_, err := loader().LoadFolder(filepath.Join(t.TempDir(), "none"))
	if _, ok := errors.AsType[*library.FolderError](err); !ok || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if loaded := loader().LoadFile(filepath.Join(t.TempDir(), "intake.yaml")); !errors.Is(loaded.Err, library.ErrNotFound) || loaded.Source != nil {
		t.Errorf("got %+v", loaded)
	}
}
