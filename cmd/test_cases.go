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

	"github.com/urfave/cli/v2"

	"errand/engine/golden"
)

// bench finds the definitions of cases: in the case's folder, in the one above, then where the command line finds workflows by name.
func (c *Command) bench(x *cli.Context) golden.Bench {
	return golden.Bench{Connectors: c.Connectors, Find: func(k *golden.Case, name string) (string, []byte, error) {
		dir := filepath.Dir(filepath.FromSlash(k.File))
		for _, folder := range []string{dir, filepath.Join(dir, "..")} {
			if found, err := inFolder(folder, name, readSource); !isNotFound(err) {
				return found.file, found.text, err
			}
		}
		found, err := c.find(x, name)
		if isNotFound(err) {
			err = fmt.Errorf("there is no workflow %q: neither beside the case, nor in the folder above, nor among the shipped ones", name)
		}
		return found.file, found.text, err
	}}
}

// cases reads the cases that the arguments name; without any, those of this folder.
func (c *Command) cases(x *cli.Context) ([]*golden.Case, error) {
	names := x.Args().Slice()
	if len(names) == 0 {
		names = []string{"."}
	}
	only, err := regexp.Compile(x.String("run"))
	if err != nil {
		return nil, usage("--run %s is not a regular expression: %v", x.String("run"), err)
	}
	var cases []*golden.Case
	seen := map[string]bool{}
	for _, name := range names {
		found, err := c.casesOf(name)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, &Exit{
				Code: ExitNotFound, Message: "there is no test case in " + name,
				Hint: "a case is a file NAME" + golden.Ending + " with a part case.yaml; errand init writes one, errand runs record makes one of a run",
			}
		}
		for _, k := range found {
			if !seen[k.File] && only.MatchString(k.Workflow+"/"+k.Name()) {
				seen[k.File] = true
				cases = append(cases, k)
			}
		}
	}
	if len(cases) == 0 {
		return nil, &Exit{Code: ExitNotFound, Message: fmt.Sprintf("no case matches --run %s", x.String("run"))}
	}
	return cases, nil
}

// casesOf reads the cases that one argument names: a case, those in a folder, or those of a workflow.
func (c *Command) casesOf(name string) ([]*golden.Case, error) {
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return findCases(name)
	case err == nil && filepath.Ext(name) == golden.Ending:
		document, err := readFile(name, maxCase)
		if err != nil {
			return nil, err
		}
		k, err := golden.Parse(filepath.ToSlash(name), document)
		if err != nil {
			return nil, &Exit{Code: ExitUsage, Message: err.Error()}
		}
		return []*golden.Case{k}, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return nil, usage("%s cannot be read: %v", name, err)
	case err != nil && (isYAML(name) || strings.ContainsAny(name, `/\`)):
		return nil, &Exit{Code: ExitNotFound, Message: "there is no file " + name}
	}
	// a definition, or the name of a workflow: its cases are those in its folder
	workflow := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	cases, err := findCases(filepath.Dir(name))
	return slices.DeleteFunc(cases, func(k *golden.Case) bool { return k.Workflow != workflow }), err
}

// maxCase is how large a case may be.
const maxCase = 16 << 20

func findCases(dir string) ([]*golden.Case, error) {
	cases, err := golden.Find(dir)
	if err != nil {
		return nil, &Exit{Code: ExitUsage, Message: err.Error()}
	}
	return cases, nil
}
