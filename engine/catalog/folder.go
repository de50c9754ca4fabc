package catalog

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"errand/engine/definition"
	"errand/engine/library"
)

// A source is the text of a definition.
type source struct {
	file string // for messages
	text []byte
}

// readFolder reads the definitions of a folder, by the name of their file, and its intake files. It
// opens nothing outside the folder: a link that leads out of it is not followed.
func readFolder(folder string) (workflows map[string]source, intakes []source, err error) {
	if folder == "" {
		return nil, nil, nil
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, nil, &library.FolderError{Folder: folder, Err: err}
	}
	defer func() { _ = root.Close() }() // it was only read
	return readAll(root.FS(), filepath.ToSlash(folder))
}

// readAll reads the files of a file system. A file that cannot be read, or that is something
// else than a file, has an empty text, which the check refuses.
func readAll(files fs.FS, folder string) (workflows map[string]source, intakes []source, err error) {
	list, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, nil, &library.FolderError{Folder: folder, Err: err}
	}
	workflows = map[string]source{}
	for _, f := range list {
		ending := path.Ext(f.Name())
		name := strings.TrimSuffix(f.Name(), ending)
		if ending != ".yaml" && ending != ".yml" || strings.HasPrefix(f.Name(), ".") || f.IsDir() {
			continue
		}
		text, err := readFile(files, f.Name())
		if errors.Is(err, fs.ErrNotExist) {
			continue // it was removed meanwhile
		}
		read := source{file: path.Join(folder, f.Name()), text: text}
		_, has := workflows[name]
		switch {
		case definition.DetectIntake(f.Name(), text):
			intakes = append(intakes, read)
		case !has || ending == ".yaml": // as package library prefers
			workflows[name] = read
		}
	}
	return workflows, intakes, nil
}

// readFile reads a file. Of one that is larger than a definition may be it reads one byte more than
// that: the parser reports it.
func readFile(files fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(files, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return io.ReadAll(io.LimitReader(f, definition.MaxSize+1))
}
