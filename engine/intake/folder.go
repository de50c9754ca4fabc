package intake

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/library"
)

// Files returns the intake files in a folder, sorted. One that cannot be read is among them.
func Files(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		file := filepath.Join(folder, e.Name())
		if e.IsDir() || !definition.IsIntake(file) {
			continue
		}
		if found, err := library.ReadDefinition(file); err == nil && !definition.DetectIntake(file, found.Text) {
			continue // a definition with this name
		}
		files = append(files, file)
	}
	slices.Sort(files)
	return files, nil
}

// A Loaded file is an intake file with its source, or with the reason why it has none.
type Loaded struct {
	File     string // with slashes
	Text     []byte
	Name     string  // of the source; "" if it cannot be read
	Source   *Source // nil if a problem is an error, or if the file cannot be read
	Problems []diag.Problem
	Err      error // why the file cannot be read: a *library.FileError
}

// LoadFile reads a file and loads it.
func (l Loader) LoadFile(file string) Loaded {
	found, err := l.Library.Read(file)
	if err != nil {
		return Loaded{File: filepath.ToSlash(file), Err: err}
	}
	tree, _ := definition.ParseIntake(found.File, found.Text)
	loaded := Loaded{File: found.File, Text: found.Text, Name: tree.Name.Value}
	loaded.Source, loaded.Problems = l.Load(found.File, found.Text)
	return loaded
}

// LoadFolder loads the intake files in a folder, by name. The error is that of the folder.
func (l Loader) LoadFolder(folder string) ([]Loaded, error) {
	files, err := Files(folder)
	if err != nil {
		return nil, &library.FolderError{Folder: folder, Err: err}
	}
	all := make([]Loaded, 0, len(files))
	for _, file := range files {
		all = append(all, l.LoadFile(file))
	}
	return all, nil
}

// sameSource reports another intake file beside this one that has the same source. Of two such files
// neither may be used, because their rules would have no order.
func (c *check) sameSource() {
	own := c.tree.Name
	if own.Value == "" {
		return
	}
	file := filepath.FromSlash(c.tree.File)
	files, err := Files(filepath.Dir(file))
	if err != nil {
		return // the file is not in a folder, as in an editor that has not saved it
	}
	for _, other := range files {
		if filepath.Base(other) == filepath.Base(file) {
			continue
		}
		found, err := c.Library.Read(other)
		if err != nil {
			continue // it is reported when it is read itself
		}
		if tree, _ := definition.ParseIntake(found.File, found.Text); tree.Name.Value == own.Value {
			c.report(diag.Problem{
				Rule: "duplicate-source", Range: own.Range, Message: fmt.Sprintf("two intake files have the source %q", own.Value),
				Help:  "put the rules into one file: their order decides which matches first",
				Notes: []string{"the other one is " + filepath.Base(other)},
			})
			return
		}
	}
}
