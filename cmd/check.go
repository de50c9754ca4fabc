package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/library"
	"errand/engine/program"
	"errand/engine/task"
)

type checkCommand struct {
	*terminal
	connectors  connectors
	strict      bool
	fix         bool // make the fixes that are certain
	dryRun      bool // with fix: write no file
	diff        bool // sets fix and dryRun
	format      string
	definitions definitions
}

func (c *checkCommand) describe() *cli.Command {
	return &cli.Command{
		Name:        "check",
		Usage:       "check definitions and intake files without running them",
		ArgsUsage:   "FILE|DIR|NAME…",
		Description: "errand check my-workflow.yaml\nerrand check workflows/ --strict\nerrand check workflows/ --fix\nerrand check workflows/ -o sarif",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "strict", Usage: "treat warnings as errors", Destination: &c.strict},
			&cli.BoolFlag{Name: "fix", Usage: "make the fixes that are certain, and show the changes", Destination: &c.fix},
			&cli.BoolFlag{Name: "dry-run", Usage: "with --fix: show the changes without making them", Destination: &c.dryRun},
			&cli.BoolFlag{Name: "diff", Usage: "the same as --fix --dry-run", Destination: &c.diff},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Value: formatText, Usage: "`FORMAT`: text, json or sarif", Destination: &c.format},
			c.definitions.flag(),
		},
	}
}

const (
	formatText  = "text"
	formatJSON  = "json"
	formatSARIF = "sarif"
)

func (c *checkCommand) run(_ context.Context, a arguments) error {
	c.fix, c.dryRun = c.fix || c.diff, c.dryRun || c.diff
	switch {
	case c.format != formatText && c.format != formatJSON && c.format != formatSARIF:
		return usage("unknown output format %q; expected text, json or sarif", c.format)
	case c.dryRun && !c.fix:
		return &Exit{Code: ExitUsage, Message: "--dry-run needs --fix", Hint: "nothing is changed if --fix is left out"}
	case len(a.names) == 0:
		return &Exit{Code: ExitUsage, Message: "name a file or a folder to check", Hint: "errand check . checks this folder"}
	}
	k := &checking{checkCommand: c, registry: c.connectors.registry(), texts: map[string][]byte{}}
	for _, name := range a.names {
		if err := k.argument(name); err != nil {
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
	case diag.HasErrors(k.problems) || c.strict && len(k.problems) > 0:
		return &Exit{Code: ExitProblems}
	}
	return nil
}

// A checking is the state of one check of several files.
type checking struct {
	*checkCommand
	registry *task.Registry
	problems []diag.Problem
	texts    map[string][]byte // by file, after the fixes
	count    int               // number of definitions
	intakes  int               // number of intake files
	mended   []*mending
}

// argument checks what one argument names: a folder, a file or a workflow.
func (k *checking) argument(name string) error {
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return k.folder(name)
	case err == nil:
		src, err := library.ReadDefinition(name)
		if err != nil {
			return definitionExit(err)
		}
		k.check(src)
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return usage("cannot read %s: %v", name, err)
	}
	src, err := k.definitions.find(name)
	if err != nil {
		return err
	}
	k.check(src)
	return nil
}

// folder checks the definitions in a folder and below it. It lists YAML files that are not
// definitions, and does not check them.
func (k *checking) folder(dir string) error {
	before := k.count + k.intakes
	err := filepath.WalkDir(dir, func(path string, f fs.DirEntry, err error) error {
		if err != nil {
			return usage("cannot read %s: %v", path, err)
		}
		if f.IsDir() && path != dir && f.Name()[0] == '.' {
			return filepath.SkipDir
		}
		if f.IsDir() || !library.IsYAML(path) {
			return nil
		}
		src, err := library.ReadDefinition(path)
		if err != nil {
			return definitionExit(err)
		}
		if !definition.DetectIntake(path, src.Text) && !definition.Detect(src.Text) {
			fmt.Fprintf(k.stderr, "%s: not checked: expected `workflow:` or `steps:` at the top level\n", src.File)
			return nil
		}
		k.check(src)
		return nil
	})
	if err == nil && k.count+k.intakes == before {
		return &Exit{Code: ExitNotFound, Message: "no definition in " + dir, Hint: "a definition is a .yaml file with `workflow:` at the top level"}
	}
	return err
}

// check checks a definition or an intake file, and fixes it if --fix is set.
func (k *checking) check(src library.Source) {
	if _, again := k.texts[src.File]; again {
		return
	}
	if k.texts[src.File] = src.Text; definition.DetectIntake(src.File, src.Text) {
		k.intakes++
	} else {
		k.count++
	}
	check := k.checkOf(src)
	if k.fix {
		k.problems = append(k.problems, k.mend(src, check)...)
		return
	}
	k.problems = append(k.problems, check(src.Text)...)
}

// checkOf returns the function that finds the problems of a file, also after a fix.
func (k *checking) checkOf(src library.Source) func(text []byte) []diag.Problem {
	file := src.File
	if definition.DetectIntake(file, src.Text) {
		loader := k.definitions.intakeLoader(k.registry)
		return func(text []byte) []diag.Problem {
			_, problems := loader.Load(file, text)
			return problems
		}
	}
	loader := k.definitions.loader(file, k.registry)
	return func(text []byte) []diag.Problem {
		_, problems := loader.Load(file, text)
		return problems
	}
}

// counted returns how many files were checked.
func (k *checking) counted() string {
	switch {
	case k.intakes == 0:
		return plural(k.count, "definition")
	case k.count == 0:
		return plural(k.intakes, "intake file")
	}
	return plural(k.count, "definition") + ", " + plural(k.intakes, "intake file")
}

// print prints the problems in the chosen format.
func (k *checking) print() error {
	k.problems = k.worded(k.problems)
	switch k.format {
	case formatJSON:
		return diag.WriteJSON(k.jsonOutput(), k.problems)
	case formatSARIF:
		folder, err := os.Getwd()
		if err != nil {
			return err
		}
		tool := diag.Tool{Name: errandName, Rules: program.Rules()}
		for i, r := range tool.Rules {
			tool.Rules[i].Help = k.reword(r.Help)
		}
		if version := buildVersion(); version != developing {
			tool.Version = version
		}
		return diag.WriteSARIF(k.jsonOutput(), k.problems, tool, filepath.ToSlash(folder))
	}
	to := k.stdout
	if k.dryRun { // standard output contains the difference
		to = k.stderr
	}
	texts := func(file string) []byte {
		text, checked := k.texts[file]
		if !checked { // the schema of a webhook's payload
			if src, err := library.ReadDefinition(file); err == nil {
				text = src.Text
			}
		}
		return text
	}
	if err := diag.Render(raw(to), k.problems, texts, diag.Style{Color: k.colors(to)}); err != nil {
		return err
	}
	found := diag.Summary(k.problems)
	if found == "" {
		found = "no problems"
	}
	fmt.Fprintf(k.stderr, "%s: %s\n", k.counted(), found)
	return nil
}
