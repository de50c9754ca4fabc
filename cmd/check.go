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
		Description: "errand check my-workflow.yaml\nerrand check workflows/ --strict\nerrand check workflows/ --fix\nerrand check workflows/ -o sarif",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "strict", Usage: "let a warning count as an error"},
			&cli.BoolFlag{Name: "fix", Usage: "make the fixes that are certain, and show what they change"},
			&cli.BoolFlag{Name: "dry-run", Usage: "with --fix: show what it would change, and change nothing"},
			&cli.BoolFlag{Name: "diff", Usage: "the same as --fix --dry-run"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: formatText, Usage: "`FORMAT`: text, json or sarif"},
			c.definitionsFlag(),
		},
		BashComplete: c.completeWorkflows,
		Action:       c.check,
	}
}

const (
	formatText  = "text"
	formatJSON  = "json"
	formatSARIF = "sarif"
)

func (c *Command) check(x *cli.Context) error {
	k := &checking{
		command: c, x: x, registry: c.registry(), texts: map[string][]byte{}, format: x.String("output"),
		fix: x.Bool("fix") || x.Bool("diff"), dry: x.Bool("dry-run") || x.Bool("diff"),
	}
	switch {
	case k.format != formatText && k.format != formatJSON && k.format != formatSARIF:
		return usage("-o %s is not known; write -o text, -o json or -o sarif", k.format)
	case k.dry && !k.fix:
		return &Exit{Code: ExitUsage, Message: "--dry-run belongs to --fix", Hint: "errand check without --fix changes nothing"}
	case x.NArg() == 0:
		return &Exit{Code: ExitUsage, Message: "name a file or a folder to check", Hint: "errand check . checks this folder"}
	}
	for _, name := range x.Args().Slice() {
		if err := k.argument(x, name); err != nil {
			return err
		}
	}
	fault := k.write()
	if err := k.print(); err != nil {
		return err
	}
	switch {
	case fault != nil:
		return fault
	case diag.HasErrors(k.problems) || x.Bool("strict") && len(k.problems) > 0:
		return &Exit{Code: ExitProblems}
	}
	return nil
}

// A checking is the state of one check over many files.
type checking struct {
	command  *Command
	x        *cli.Context
	registry *task.Registry
	format   string
	fix      bool // make the fixes that are certain
	dry      bool // but write no file
	problems []diag.Problem
	texts    map[string][]byte
	count    int
	mended   []*mending
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
	if _, again := k.texts[src.file]; again {
		return
	}
	k.count++
	k.texts[src.file] = src.text
	loader := k.command.loader(k.x, src.file, k.registry)
	check := func(text []byte) []diag.Problem {
		_, problems := loader.Load(src.file, text)
		return problems
	}
	if k.fix {
		k.problems = append(k.problems, k.mend(src, check)...)
		return
	}
	k.problems = append(k.problems, check(src.text)...)
}

func (k *checking) print() error {
	c := k.command
	switch k.format {
	case formatJSON:
		return diag.WriteJSON(c.Stdout, k.problems)
	case formatSARIF:
		folder, err := os.Getwd()
		if err != nil {
			return err
		}
		tool := diag.Tool{Name: "errand", Rules: program.Rules()}
		if version := buildVersion(); version != developing {
			tool.Version = version
		}
		return diag.WriteSARIF(c.Stdout, k.problems, tool, filepath.ToSlash(folder))
	}
	to := c.Stdout
	if k.dry { // standard output is for the difference
		to = c.Stderr
	}
	texts := func(file string) []byte { return k.texts[file] }
	if err := diag.Render(to, k.problems, texts, diag.Style{Color: c.colors(to)}); err != nil {
		return err
	}
	files := "1 definition"
	if k.count != 1 {
		files = fmt.Sprintf("%d definitions", k.count)
	}
	found := diag.Summary(k.problems)
	if found == "" {
		found = "no problems"
	}
	fmt.Fprintf(c.Stderr, "%s: %s\n", files, found)
	return nil
}
