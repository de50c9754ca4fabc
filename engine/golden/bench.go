package golden

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"

	"errand/engine"
	"errand/engine/diag"
	"errand/engine/library"
	"errand/engine/program"
	"errand/engine/task"
)

// A Bench is what cases are run with.
type Bench struct {
	// Connectors makes the connectors for an environment.
	Connectors func(task.Environment) []task.Connector

	// Library finds the definitions that cases name and that definitions call, after those in the
	// folder of the case and in the folder above it.
	Library library.Library

	// Definition is the definition of every case, as a file or as Program.Source. If nil, each case
	// names its own.
	Definition []byte

	beside  string           // if not empty, called workflows are found beside this file, not beside the case
	program *program.Program // if not nil, the case's definition, compiled already

	// evidenceDelay is the evidence delay of the sandbox's credential; the default if empty. Runs with
	// crashes have 0: a delay would make everything after a crash later.
	evidenceDelay string

	withoutDoubt bool // as in engine.Request; a run with a crash always leaves doubts out

	visit  func(workflow string)          // if not nil, is called with the name of each workflow that the case needs
	wrap   func(engine.Host) engine.Host  // if not nil, wraps the host of every run; for tests
	choose func(name string, n int) []int // if not nil, chooses the points of crashes; for tests
}

// run carries a program out on a host.
func (b Bench) run(h engine.Host, request engine.Request, p *program.Program) (engine.Result, error) {
	if b.wrap != nil {
		h = b.wrap(h)
	}
	request.WithoutDoubt = request.WithoutDoubt || b.withoutDoubt
	return engine.Run(h, request, p)
}

// load compiles the case's definition, and checks the names in the case against it.
func (b Bench) load(c *Case, registry *task.Registry) (*program.Program, error) {
	read := map[string]bool{}
	find := func(name string) (string, []byte, error) {
		if b.visit != nil {
			b.visit(name)
		}
		if text, ok := c.part(name + definitionEnding); ok {
			read[name+definitionEnding] = true
			return name + definitionEnding, text, nil
		}
		return b.find(c, name)
	}
	file, text := c.Workflow+definitionEnding, b.Definition
	if text == nil {
		var err error
		if file, text, err = find(c.Workflow); err != nil {
			return nil, c.about.fault(c.about.at("workflow"), "%v", err)
		}
	}
	p, problems := program.Loader{Registry: registry, Find: find}.Load(file, text)
	if diag.HasErrors(problems) {
		return nil, &DefinitionError{File: file, Text: text, Problems: problems}
	}
	if b.Definition != nil {
		return p, nil // not the one that the case is written for
	}
	return p, errors.Join(c.checkDefinitions(read), c.check(p, registry))
}

// find finds a definition that neither the case nor the bench has.
func (b Bench) find(c *Case, name string) (string, []byte, error) {
	folder := filepath.Dir(filepath.FromSlash(cmp.Or(b.beside, c.File)))
	found, err := b.Library.Find(name, folder, filepath.Join(folder, ".."))
	if errors.Is(err, library.ErrNotFound) {
		help := ""
		if missing, ok := errors.AsType[*library.NotFoundError](err); ok && missing.Near != "" {
			help = fmt.Sprintf("did you mean %q?", missing.Near)
		}
		err = errors.New(helped(fmt.Sprintf("there is no workflow %q: neither beside the case, nor in the folder above, nor among the shipped ones", name), help))
	}
	return found.File, found.Text, err
}

// A DefinitionError says that the definition of a case has problems.
type DefinitionError struct {
	File     string
	Text     []byte
	Problems []diag.Problem
}

func (e *DefinitionError) Error() string {
	return fmt.Sprintf("%s has %s", e.File, diag.Summary(e.Problems))
}
