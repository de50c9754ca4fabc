// Package library finds definitions: by the name of a workflow or by the name of a file.
package library

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"errand/definitions"
	"errand/engine/definition"
	"errand/engine/diag"
)

// A Library finds the definitions that can be named. The zero value finds the shipped ones.
type Library struct {
	// Folder is searched before the shipped definitions. It may be empty.
	Folder string

	// Shipped holds the definitions that are found last. If nil, it is definitions.Files.
	Shipped fs.FS

	// Opened returns the text of a file that is open in an editor. If not nil, it is asked before
	// a file is read. The file's path is absolute, with slashes.
	Opened func(file string) (text []byte, ok bool)
}

// A Source is the text of a definition and the file that it comes from.
type Source struct {
	File string // with slashes; for messages
	Text []byte
}

// endings are those of a file that is found by the name of its workflow, the preferred first.
var endings = []string{".yaml", ".yml"}

// Find finds a definition by name: in the given folders, in the library's folder, among the
// shipped definitions, in that order. A name with a path or with the ending of a YAML file is that
// of a file. The error matches ErrNotFound if there is no such definition.
func (l Library) Find(name string, folders ...string) (Source, error) {
	if IsFile(name) {
		return l.Read(name)
	}
	if l.Folder != "" {
		folders = append(slices.Clip(folders), l.Folder)
	}
	for _, folder := range folders {
		for _, ending := range endings {
			found, err := l.Read(filepath.Join(folder, name+ending))
			if !isMissing(err) && !definition.DetectIntake(found.File, found.Text) {
				return found, err
			}
		}
	}
	file := name + ".yaml"
	if text, err := fs.ReadFile(l.shipped(), file); err == nil {
		return Source{File: "definitions/" + file, Text: text}, nil
	}
	names, err := l.Names(folders...)
	if err != nil {
		return Source{}, err
	}
	return Source{}, &NotFoundError{Name: name, Near: diag.Nearest(name, names)}
}

// Beside returns a function for program.Loader. The function finds the definitions that the
// definition in a file calls. It searches the folder of the file first.
func (l Library) Beside(file string) func(name string) (file string, text []byte, err error) {
	folder := filepath.Dir(filepath.FromSlash(file))
	return func(name string) (string, []byte, error) {
		found, err := l.Find(name, folder)
		return found.File, found.Text, err
	}
}

// Names lists the names that Find finds, sorted. Only the library's own folder must be readable:
// if it is not, Names returns the other names and a FolderError.
func (l Library) Names(folders ...string) ([]string, error) {
	var names []string
	add := func(folder string, files []fs.DirEntry) {
		for _, f := range files {
			ending := filepath.Ext(f.Name())
			if !f.IsDir() && slices.Contains(endings, ending) && !l.isIntake(filepath.Join(folder, f.Name())) {
				names = append(names, strings.TrimSuffix(f.Name(), ending))
			}
		}
	}
	for _, folder := range folders {
		files, _ := os.ReadDir(folder) // a folder that cannot be read has no names
		add(folder, files)
	}
	var fault error
	if l.Folder != "" {
		files, err := os.ReadDir(l.Folder)
		if err != nil {
			fault = &FolderError{Folder: l.Folder, Err: err}
		}
		add(l.Folder, files)
	}
	shipped, err := fs.ReadDir(l.shipped(), ".")
	add("", shipped)
	slices.Sort(names)
	return slices.Compact(names), cmp.Or(fault, err)
}

// isIntake reports whether a file has the rules of intake and is not a definition.
func (l Library) isIntake(file string) bool {
	if !definition.IsIntake(file) {
		return false
	}
	found, err := l.Read(file)
	return err == nil && definition.DetectIntake(file, found.Text)
}

func (l Library) shipped() fs.FS {
	if l.Shipped == nil {
		return definitions.Files
	}
	return l.Shipped
}

// Read reads the file of a definition, or its text in an editor.
func (l Library) Read(file string) (Source, error) {
	if l.Opened == nil {
		return ReadDefinition(file)
	}
	whole, err := filepath.Abs(file)
	if err != nil {
		return Source{}, &FileError{File: file, Err: err}
	}
	if text, ok := l.Opened(filepath.ToSlash(whole)); ok {
		return Source{File: filepath.ToSlash(whole), Text: text}, nil
	}
	return ReadDefinition(whole)
}

// ReadDefinition reads the definition in a file. Of a file that is larger than a definition may be
// it returns one byte more than that: the parser reports it with the definition's other problems.
func ReadDefinition(file string) (Source, error) {
	text, err := readUpTo(file, definition.MaxSize+1)
	return Source{File: filepath.ToSlash(file), Text: text}, err
}
