package cmd

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"errand/engine/definition"
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
	file, err := i.find(d)
	if err != nil {
		return nil, err
	}
	src, err := library.ReadDefinition(file)
	if err != nil {
		return nil, definitionExit(err)
	}
	s, problems := d.intakeLoader(registry).Load(src.File, src.Text)
	if err := t.intakeProblems(problems, src); err != nil {
		return nil, err
	}
	if s == nil {
		return nil, &Exit{Code: ExitProblems, Message: fmt.Sprintf("%s: %s; no rule was tried", src.File, diag.Summary(problems))}
	}
	return s, nil
}

// intakeProblems prints the problems of an intake file, and of the schema that it names.
func (t *terminal) intakeProblems(problems []diag.Problem, src library.Source) error {
	if len(problems) == 0 {
		return nil
	}
	texts := func(file string) []byte {
		if file == src.File {
			return src.Text
		}
		schema, _ := library.ReadDefinition(file) // without its text a problem is shown without the line
		return schema.Text
	}
	return diag.Render(raw(t.stderr), problems, texts, diag.Style{Color: t.colors(t.stderr)})
}

// find returns the chosen file.
func (i *intakeChoice) find(d *definitions) (string, error) {
	if i.file != "" {
		return i.file, nil
	}
	folder := d.folder
	if folder == "" {
		folder = "."
	}
	files, err := intake.Files(folder)
	if err != nil {
		return "", definitionExit(&library.FolderError{Folder: folder, Err: err})
	}
	if len(files) == 0 {
		return "", &Exit{
			Code: ExitNotFound, Message: "there is no intake file in " + folderWords(folder),
			Hint: "name the folder with --definitions DIR; errand help intake shows a file intake.yaml",
		}
	}
	if i.source == "" && len(files) == 1 {
		return files[0], nil
	}
	var names []string
	for _, file := range files {
		src, err := library.ReadDefinition(file)
		if err != nil {
			return "", definitionExit(err)
		}
		tree, _ := definition.ParseIntake(src.File, src.Text)
		if name := tree.Name.Value; name != "" {
			if name == i.source {
				return file, nil
			}
			names = append(names, name)
		}
	}
	if i.source == "" {
		return "", &Exit{Code: ExitUsage, Message: fmt.Sprintf("%s has %d intake files", folderWords(folder), len(files)), Hint: "choose one with --source: " + strings.Join(names, ", ")}
	}
	hint := diag.DidYouMean(i.source, names)
	if hint == "" && len(names) > 0 {
		hint = "sources are " + strings.Join(names, ", ")
	}
	return "", &Exit{Code: ExitNotFound, Message: fmt.Sprintf("no intake file in %s has the source %q", folderWords(folder), i.source), Hint: hint}
}

func folderWords(folder string) string {
	if folder == "." {
		return "this folder"
	}
	return filepath.ToSlash(folder)
}

// sources returns the names of the sources in the folder of definitions, for completion.
func (i *intakeChoice) sources(d *definitions) []candidate {
	folder := d.folder
	if folder == "" {
		folder = "."
	}
	files, _ := intake.Files(folder) // without files there are no sources
	var found []candidate
	for _, file := range files {
		if src, err := library.ReadDefinition(file); err == nil {
			if tree, _ := definition.ParseIntake(src.File, src.Text); tree.Name.Value != "" {
				found = append(found, candidate{tree.Name.Value, filepath.Base(file)})
			}
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
