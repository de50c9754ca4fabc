package cmd

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"errand/engine/diag"
	"errand/engine/intake"
	"errand/engine/library"
	"errand/engine/task"
)

const intakeNote = "Rules are in intake.yaml beside the definitions. `errand check` checks them,\nand `errand help intake` explains them."

// maxTicket is the size of the largest ticket or payload that is read, in bytes.
const maxTicket = 1 << 20

// An intakeChoice says which intake file is used.
type intakeChoice struct {
	source string // "" if there is only one
	file   string // "" for those in the folder of definitions
}

// load returns the chosen source. The error has code 3 if its file has problems, which are printed.
func (i *intakeChoice) load(t *terminal, d *definitions, registry *task.Registry) (*intake.Source, error) {
	loader := d.intakeLoader(registry)
	if i.file != "" {
		return t.usable(loader.LoadFile(i.file))
	}
	folder := intakeFolder(d)
	all, err := loader.LoadFolder(folder)
	if err != nil {
		return nil, definitionExit(err)
	}
	if i.source == "" && len(all) == 1 {
		return t.usable(all[0])
	}
	var names []string
	for _, loaded := range all {
		if i.source != "" && loaded.Name == i.source {
			return t.usable(loaded)
		}
		if loaded.Name != "" {
			names = append(names, loaded.Name)
		}
	}
	where := "this folder"
	if folder != "." {
		where = filepath.ToSlash(folder)
	}
	exit := &Exit{Code: ExitNotFound, Message: fmt.Sprintf("no intake file in %s has the source %q", where, i.source), Hint: diag.DidYouMean(i.source, names)}
	switch {
	case len(all) == 0:
		exit.Message = "there is no intake file in " + where
		exit.Hint = "name the folder with --definitions DIR; errand help intake shows a file intake.yaml"
	case i.source == "":
		exit = &Exit{Code: ExitUsage, Message: fmt.Sprintf("%s has %d intake files", where, len(all)), Hint: "choose one with --source: " + strings.Join(names, ", ")}
	case exit.Hint == "":
		exit.Hint = "sources are " + strings.Join(names, ", ")
	}
	return nil, exit
}

// usable returns the source of a file. If the file has problems, it prints them.
func (t *terminal) usable(loaded intake.Loaded) (*intake.Source, error) {
	if loaded.Err != nil {
		return nil, definitionExit(loaded.Err)
	}
	if len(loaded.Problems) > 0 {
		texts := func(file string) []byte {
			if file == loaded.File {
				return loaded.Text
			}
			schema, _ := library.ReadDefinition(file) // without its text a problem is shown without the line
			return schema.Text
		}
		if err := diag.Render(raw(t.stderr), loaded.Problems, texts, diag.Style{Color: t.colors(t.stderr)}); err != nil {
			return nil, err
		}
	}
	if loaded.Source == nil {
		return nil, &Exit{Code: ExitProblems, Message: fmt.Sprintf("%s: %s; no rule was tried", loaded.File, diag.Summary(loaded.Problems))}
	}
	return loaded.Source, nil
}

// intakeFolder returns the folder with the intake files: that of the definitions, or the present one.
func intakeFolder(d *definitions) string { return cmp.Or(d.folder, ".") }

// sources returns the names of the sources in the folder of definitions, for completion.
func (i *intakeChoice) sources(d *definitions, registry *task.Registry) []candidate {
	all, _ := d.intakeLoader(registry).LoadFolder(intakeFolder(d)) // without a folder there are no sources
	var found []candidate
	for _, loaded := range all {
		if loaded.Name != "" {
			found = append(found, candidate{loaded.Name, filepath.Base(loaded.File)})
		}
	}
	return found
}

// readTicket reads the file of a ticket or a payload; - is standard input.
func readTicket(t *terminal, file string) ([]byte, error) {
	if file != "-" {
		data, err := library.ReadFile(file, maxTicket)
		return data, definitionExit(err)
	}
	data, err := io.ReadAll(io.LimitReader(t.stdin, maxTicket+1))
	switch {
	case err != nil:
		return nil, usage("cannot read standard input: %v", err)
	case len(data) > maxTicket:
		return nil, usage("standard input is too large: %d bytes are the most", maxTicket)
	}
	return data, nil
}
