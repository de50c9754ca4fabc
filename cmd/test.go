package cmd

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/diag"
	"errand/engine/golden"
)

func (c *Command) testCommand() *cli.Command {
	return &cli.Command{
		Name:      "test",
		Usage:     "run the test cases of workflows: on the sandbox or on mocks, with waits that take no time",
		ArgsUsage: "[FILE|DIR|NAME…]",
		Description: "errand test\n" +
			"errand test my-workflow.yaml --coverage\n" +
			"errand test cases/ --run throttled --update\n" +
			"errand test my-workflow.yaml --mutate\n" +
			"errand test my-workflow.yaml --against-history",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "update", Usage: "write what came of the cases into their documents"},
			&cli.StringFlag{Name: "run", Usage: "run only the cases whose WORKFLOW/NAME matches a `REGEXP`"},
			&cli.BoolFlag{Name: "coverage", Usage: "tell which steps, branches, failures and unknown outcomes no case reaches"},
			&cli.BoolFlag{Name: "crash-everywhere", Usage: "run each case once more for every point at which the process may end"},
			&cli.BoolFlag{Name: "mutate", Usage: "change the definitions, one change at a time, and list the changes that no case notices"},
			&cli.StringFlag{Name: "junit", Usage: "write the results to a `FILE` for a build server as well"},
			&cli.BoolFlag{Name: "against-history", Usage: "replay the runs on record of a definition with the definition as it is now, offline"},
			outputFlag(),
			c.definitionsFlag(),
			c.homeFlag(),
		},
		BashComplete: c.completeWorkflows,
		Action:       c.test,
	}
}

func (c *Command) test(x *cli.Context) error {
	if x.Bool("against-history") {
		return c.againstHistory(x)
	}
	asJSON, err := wantsJSON(x)
	if err != nil {
		return err
	}
	cases, err := c.cases(x)
	if err != nil {
		return err
	}
	t := &suite{command: c, x: x, bench: c.bench(x)}
	t.verdicts = t.bench.RunAll(x.Context, cases)
	if x.Bool("update") {
		if err := t.update(); err != nil {
			return err
		}
	}
	if x.Bool("crash-everywhere") {
		t.crashEverywhere()
	}
	if file := x.String("junit"); file != "" {
		if err := t.writeJUnit(file); err != nil {
			return err
		}
	}
	if asJSON {
		err = t.printJSON()
	} else {
		err = t.print()
	}
	if err != nil {
		return err
	}
	return t.exit()
}

// A suite is one call of errand test.
type suite struct {
	command  *Command
	x        *cli.Context
	bench    golden.Bench
	verdicts []golden.Verdict
	updated  int
	others   []string // what else there is to say, for the last line
}

// exit is the command's end: 1 where a case has failed, 3 where a definition has problems.
func (t *suite) exit() error {
	code := ExitSucceeded
	for _, v := range t.verdicts {
		if _, ok := errors.AsType[*golden.DefinitionError](v.Err); ok {
			return &Exit{Code: ExitProblems}
		}
		if !v.Passed() {
			code = ExitFailed
		}
	}
	if code == ExitSucceeded {
		return nil
	}
	return &Exit{Code: code}
}

// update writes what came of the cases into their documents, and has the verdicts follow.
func (t *suite) update() error {
	for i, v := range t.verdicts {
		if v.Err != nil || v.Outcome.Unanswered {
			continue
		}
		before, err := readFile(filepath.FromSlash(v.Case.File), maxCase)
		if err != nil {
			return err
		}
		made := v.Case.Format(v.Outcome)
		if string(made) != string(before) {
			if err := rewrite(filepath.FromSlash(v.Case.File), before, made); err != nil {
				return err
			}
			t.updated++
		}
		t.verdicts[i].Wrong = v.Case.Judge(v.Outcome)
	}
	return nil
}

// print tells each case and what is wrong with it.
func (t *suite) print() error {
	c := t.command
	failed := 0
	shown := map[string]bool{}
	for _, v := range t.verdicts {
		if v.Passed() {
			fmt.Fprintf(c.Stdout, "ok    %s/%s\n", v.Case.Workflow, v.Case.Name())
			continue
		}
		failed++
		fmt.Fprintf(c.Stdout, "FAIL  %s/%s  (%s)\n", v.Case.Workflow, v.Case.Name(), v.Case.File)
		if broken, ok := errors.AsType[*golden.DefinitionError](v.Err); ok {
			fmt.Fprintf(c.Stdout, "      %s\n", broken)
			if !shown[broken.File] {
				shown[broken.File] = true
				texts := func(string) []byte { return broken.Text }
				if err := diag.Render(c.Stderr, broken.Problems, texts, diag.Style{Color: c.colors(c.Stderr)}); err != nil {
					return err
				}
			}
			continue
		}
		wrong := v.Wrong
		if v.Err != nil {
			wrong = []string{v.Err.Error()}
		}
		for _, text := range wrong {
			for line := range strings.Lines(text) {
				fmt.Fprintf(c.Stdout, "      %s\n", diag.Printable(strings.TrimSuffix(line, "\n")))
			}
		}
	}
	if t.x.Bool("coverage") {
		t.printCoverage()
	}
	if t.x.Bool("mutate") {
		if err := t.mutate(); err != nil {
			return err
		}
	}
	said := []string{counted(len(t.verdicts), "case")}
	if failed > 0 {
		said = append(said, fmt.Sprintf("%d failed", failed))
	}
	if t.updated > 0 {
		said = append(said, counted(t.updated, "document")+" written")
	}
	said = append(said, t.others...)
	fmt.Fprintln(c.Stderr, strings.Join(said, ", "))
	return nil
}

// counted is a number of things.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
