package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/program"
	"errand/engine/task"
)

func (c *Command) checkCommand() *cli.Command {
	return &cli.Command{
		Name:        "check",
		Usage:       "say what is wrong with definitions, without running them",
		ArgsUsage:   "FILE|DIR|NAME…",
		Description: "errand check my-workflow.yaml\nerrand check workflows/ --strict\nerrand check workflows/ -o json",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "strict", Usage: "let a warning count as an error"},
			outputFlag(),
			c.definitionsFlag(),
		},
		BashComplete: c.completeWorkflows,
		Action:       c.check,
	}
}

func (c *Command) check(x *cli.Context) error {
	asJSON, err := wantsJSON(x)
	if err != nil {
		return err
	}
	if x.NArg() == 0 {
		return &Exit{Code: ExitUsage, Message: "name a file or a folder to check", Hint: "errand check . checks this folder"}
	}
	checked := &checking{command: c, registry: c.registry(), texts: map[string][]byte{}}
	for _, name := range x.Args().Slice() {
		if err := checked.argument(x, name); err != nil {
			return err
		}
	}
	if err := checked.print(asJSON); err != nil {
		return err
	}
	if diag.HasErrors(checked.problems) || x.Bool("strict") && len(checked.problems) > 0 {
		return &Exit{Code: ExitProblems}
	}
	return nil
}

// A checking is the state of one check over many files.
type checking struct {
	command  *Command
	registry *task.Registry
	problems []diag.Problem
	texts    map[string][]byte
	count    int
}

func (k *checking) argument(x *cli.Context, name string) error {
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return k.folder(name)
	case err == nil:
		src, err := readSource(name)
		if err != nil {
			return err
		}
		k.check(src)
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return usage("%s cannot be read: %v", name, err)
	}
	src, err := k.command.find(x, name)
	if err != nil {
		return err
	}
	k.check(src)
	return nil
}

// folder checks every definition in a folder and those below it. Other YAML files are named, and left alone.
func (k *checking) folder(dir string) error {
	before := k.count
	err := filepath.WalkDir(dir, func(path string, f fs.DirEntry, err error) error {
		if err != nil {
			return usage("%s cannot be read: %v", path, err)
		}
		if f.IsDir() && path != dir && f.Name()[0] == '.' {
			return filepath.SkipDir
		}
		if f.IsDir() || !isYAML(path) {
			return nil
		}
		src, err := readSource(path)
		if err != nil {
			return err
		}
		if !definition.Looks(src.text) {
			fmt.Fprintf(k.command.Stderr, "%s: left alone, since it has no `workflow:` or `steps:` at its top\n", src.file)
			return nil
		}
		k.check(src)
		return nil
	})
	if err == nil && k.count == before {
		return &Exit{Code: ExitNotFound, Message: "there is no definition in " + dir, Hint: "a definition is a .yaml file with `workflow:` at its top"}
	}
	return err
}

func (k *checking) check(src source) {
	k.count++
	if _, again := k.texts[src.file]; again {
		k.count--
		return
	}
	k.texts[src.file] = src.text
	_, problems := program.Load(src.file, src.text, k.registry)
	k.problems = append(k.problems, problems...)
}

func (k *checking) print(asJSON bool) error {
	c := k.command
	if asJSON {
		return diag.WriteJSON(c.Stdout, k.problems)
	}
	texts := func(file string) []byte { return k.texts[file] }
	if err := diag.Render(c.Stdout, k.problems, texts, diag.Style{Color: c.colors(c.Stdout)}); err != nil {
		return err
	}
	files := "1 definition"
	if k.count != 1 {
		files = fmt.Sprintf("%d definitions", k.count)
	}
	found := diag.Count(k.problems)
	if found == "" {
		found = "no problems"
	}
	fmt.Fprintf(c.Stderr, "%s: %s\n", files, found)
	return nil
}
