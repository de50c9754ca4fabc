package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"errand/engine/golden"
	"errand/engine/library"
)

// bench returns a bench that runs cases. It looks for a definition in the folder of the case, then
// in the folder above, then by name.
func (k connectors) bench(d definitions) golden.Bench {
	return golden.Bench{Connectors: k, Library: d.library()}
}

// findCases reads the cases that the names stand for, or those of the current folder if there are
// no names.
func (c *testCommand) findCases(names []string) ([]*golden.Case, error) {
	if len(names) == 0 {
		names = []string{"."}
	}
	only, err := regexp.Compile(c.only)
	if err != nil {
		return nil, usage("--run %q is not a regular expression: %v", c.only, err)
	}
	var cases []*golden.Case
	seen := map[string]bool{}
	for _, name := range names {
		found, err := c.casesOf(name)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, noCase("there is no test case in %q", name)
		}
		for _, k := range found {
			if !seen[k.File] && only.MatchString(k.Workflow+"/"+k.Name()) {
				seen[k.File] = true
				cases = append(cases, k)
			}
		}
	}
	if len(cases) == 0 {
		return nil, &Exit{Code: ExitNotFound, Message: fmt.Sprintf("no case matches --run %q", c.only)}
	}
	return cases, nil
}

// casesOf reads the cases for one argument: a case, a folder of cases, or a workflow.
func (c *testCommand) casesOf(name string) ([]*golden.Case, error) {
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return casesIn(name)
	case err == nil && filepath.Ext(name) == golden.Ending:
		k, err := golden.Read(name)
		if err != nil {
			return nil, caseExit(err)
		}
		return []*golden.Case{k}, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, usage("cannot read %s: %v", name, err)
	case err != nil && library.IsFile(name):
		return nil, &Exit{Code: ExitNotFound, Message: fmt.Sprintf("there is no file or folder %q", name)}
	}
	// The argument is a definition or the name of a workflow. Its cases are in the folder with its
	// name.
	workflow := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	cases, failed := casesIn(filepath.Dir(name))
	cases = slices.DeleteFunc(cases, func(k *golden.Case) bool { return k.Workflow != workflow })
	if err == nil || failed != nil || len(cases) > 0 {
		return cases, failed
	}
	_, missing := c.definitions.find(name)
	if exit, ok := errors.AsType[*Exit](missing); ok && exit.Code == ExitNotFound {
		exit.Message = fmt.Sprintf("there is no file or folder %q, and no workflow with this name", name)
	}
	if missing != nil {
		return nil, missing
	}
	return nil, noCase("there is no test case of the workflow %q in this folder", name)
}

func noCase(format, name string) error {
	return &Exit{
		Code: ExitNotFound, Message: fmt.Sprintf(format, name),
		Hint: "a case is a file NAME" + golden.Ending + " with a part case.yaml; errand init writes cases, and errand runs record RUN makes one from a run",
	}
}

func casesIn(folder string) ([]*golden.Case, error) {
	cases, err := golden.Find(folder)
	if err != nil {
		return nil, caseExit(err)
	}
	return cases, nil
}

// caseExit converts an error of reading a case to an Exit.
func caseExit(err error) error {
	if exit, ok := errors.AsType[*Exit](definitionExit(err)); ok {
		return exit
	}
	return &Exit{Code: ExitUsage, Message: err.Error()}
}
