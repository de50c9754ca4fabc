package cmd

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"errand/engine/diag"
	"errand/engine/intake"
	"errand/engine/library"
	"errand/engine/program"
	"errand/engine/task"
)

// definitions finds workflows by name.
type definitions struct{ folder string }

func (d *definitions) flag() cli.Flag {
	return &cli.StringFlag{
		Name: "definitions", Usage: "look for workflows in `DIR` before the shipped ones", EnvVars: []string{"ERRAND_DEFINITIONS"},
		Destination: &d.folder,
	}
}

func (d *definitions) library() library.Library { return library.Library{Folder: d.folder} }

// find finds a definition by the name of its workflow or of its file.
func (d *definitions) find(name string) (library.Source, error) {
	found, err := d.library().Find(name)
	return found, definitionExit(err)
}

// loader returns a loader for the definition in a file.
func (d *definitions) loader(file string, registry *task.Registry) program.Loader {
	return program.Loader{Registry: registry, Find: d.library().Beside(file)}
}

// intakeLoader returns a loader for intake files.
func (d *definitions) intakeLoader(registry *task.Registry) intake.Loader {
	return intake.Loader{Registry: registry, Library: d.library()}
}

// load finds a definition and compiles it. It shows the problems on the terminal if there are errors,
// and counts the warnings if there are no others: they would bury what the command shows.
func (d *definitions) load(t *terminal, name string, registry *task.Registry) (*program.Program, error) {
	found, err := d.find(name)
	if err != nil {
		return nil, err
	}
	p, problems := d.loader(found.File, registry).Load(found.File, found.Text)
	if len(problems) > 0 && !diag.HasErrors(problems) {
		fmt.Fprintf(t.stderr, "%s: %s\n  hint: %s check %s shows them\n", found.File, diag.Summary(problems), t.program(), word(found.File))
		return p, nil
	}
	if err := t.problems(problems, found.Text); err != nil {
		return nil, err
	}
	if diag.HasErrors(problems) {
		return nil, &Exit{Code: ExitProblems, Message: fmt.Sprintf("%s: %s; nothing was run", found.File, diag.Summary(problems))}
	}
	return p, nil
}
