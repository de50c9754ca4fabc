package cmd

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/definitions"
	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/task"
)

func (c *Command) definitionsFlag() cli.Flag {
	return &cli.StringFlag{Name: "definitions", Usage: "look for workflows in `DIR` before the shipped ones", EnvVars: []string{"ERRAND_DEFINITIONS"}}
}

// A source is the text of a definition and where it comes from.
type source struct {
	file string // for messages
	text []byte
}

// find looks a workflow up: a file where the name looks like one, else in the folder of definitions, else among the shipped ones.
func (c *Command) find(x *cli.Context, name string) (source, error) {
	return c.findBy(x, name, readSource)
}

// findBy is find with another way to read a file.
func (c *Command) findBy(x *cli.Context, name string, read func(file string) (source, error)) (source, error) {
	if strings.ContainsAny(name, `/\`) || isYAML(name) {
		return read(name)
	}
	if dir := x.String("definitions"); dir != "" {
		if found, err := inFolder(dir, name, read); !isNotFound(err) {
			return found, err
		}
	}
	if text, err := definitions.Files.ReadFile(name + ".yaml"); err == nil {
		return source{file: "definitions/" + name + ".yaml", text: text}, nil
	}
	hint := "errand workflows lists them; a file is named with its ending, such as " + name + ".yaml"
	all, err := c.workflowNames(x)
	if err != nil {
		return source{}, err
	}
	if near := diag.Nearest(name, all); near != "" {
		hint = `did you mean "` + near + `"?`
	}
	return source{}, &Exit{Code: ExitNotFound, Message: fmt.Sprintf("there is no workflow %q", name), Hint: hint}
}

// loader finds the workflows that a definition calls: beside its file, else where the command line finds workflows by name.
func (c *Command) loader(x *cli.Context, file string, registry *task.Registry) program.Loader {
	return program.Loader{Registry: registry, Find: func(name string) (string, []byte, error) {
		found, err := c.findFrom(x, file, name, readSource)
		return found.file, found.text, err
	}}
}

// findFrom finds a workflow that the definition in a file calls.
func (c *Command) findFrom(x *cli.Context, file, name string, read func(file string) (source, error)) (source, error) {
	if beside, err := inFolder(filepath.Dir(filepath.FromSlash(file)), name, read); !isNotFound(err) {
		return beside, err
	}
	return c.findBy(x, name, read)
}

// inFolder reads the definition of a name in a folder. Its error is one of isNotFound where there is none.
func inFolder(dir, name string, read func(file string) (source, error)) (source, error) {
	found, err := read(filepath.Join(dir, name+".yaml"))
	if isNotFound(err) {
		found, err = read(filepath.Join(dir, name+".yml"))
	}
	return found, err
}

func isNotFound(err error) bool {
	e, ok := errors.AsType[*Exit](err)
	return ok && e.Code == ExitNotFound
}

// readSource reads a definition's file, and no more of it than a definition may have.
func readSource(file string) (source, error) {
	text, err := readFile(file, definition.MaxSize+1)
	return source{file: filepath.ToSlash(file), text: text}, err
}

// readFile reads at most so many bytes of a file.
func readFile(file string, most int64) ([]byte, error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &Exit{Code: ExitNotFound, Message: "there is no file " + file}
	}
	if err != nil {
		return nil, usage("%s cannot be read: %v", file, errors.Unwrap(err))
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, usage("%s is a folder; name a file in it", file)
	}
	text, err := io.ReadAll(io.LimitReader(f, most))
	if err != nil {
		return nil, usage("%s cannot be read: %v", file, err)
	}
	return text, nil
}

// workflowNames lists the names of the workflows that can be run by name, sorted.
func (c *Command) workflowNames(x *cli.Context) ([]string, error) {
	names := map[string]bool{}
	add := func(files []fs.DirEntry) {
		for _, f := range files {
			if !f.IsDir() && isYAML(f.Name()) {
				names[strings.TrimSuffix(f.Name(), filepath.Ext(f.Name()))] = true
			}
		}
	}
	if dir := x.String("definitions"); dir != "" {
		files, err := os.ReadDir(dir)
		if err != nil {
			return nil, &Exit{Code: ExitConfiguration, Message: fmt.Sprintf("the folder of definitions, %s, cannot be read", dir), Hint: "it was named by --definitions or ERRAND_DEFINITIONS"}
		}
		add(files)
	}
	shipped, err := definitions.Files.ReadDir(".")
	if err != nil {
		return nil, err
	}
	add(shipped)
	sorted := make([]string, 0, len(names))
	for name := range names {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	return sorted, nil
}

func isYAML(name string) bool {
	extension := strings.ToLower(filepath.Ext(name))
	return extension == ".yaml" || extension == ".yml"
}
