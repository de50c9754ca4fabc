package cmd

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/diag"
	"errand/engine/golden"
)

type testCommand struct {
	homeFlags
	update          bool
	only            string
	coverage        bool
	crashEverywhere bool
	mutate          bool
	junit           string
	againstHistory  bool
	verbose         bool
	output          output
	definitions     definitions
}

func (c *testCommand) describe() *cli.Command {
	return &cli.Command{
		Name:      "test",
		Usage:     "run the test cases of workflows, on the sandbox or on mocks, without waiting",
		ArgsUsage: "[FILE|DIR|NAME…]",
		Description: "errand test\n" +
			"errand test my-workflow.yaml --coverage\n" +
			"errand test cases/ --run throttled --update\n" +
			"errand test my-workflow.yaml --mutate\n" +
			"errand test my-workflow.yaml --against-history",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "update", Usage: "write the results of the cases into their documents", Destination: &c.update},
			&cli.StringFlag{Name: "run", Usage: "run only the cases whose WORKFLOW/NAME matches a `REGEXP`", Destination: &c.only},
			&cli.BoolFlag{Name: "coverage", Usage: "list the steps, branches, failures and unknown outcomes that no case reaches", Destination: &c.coverage},
			&cli.BoolFlag{Name: "crash-everywhere", Usage: "run each case again for every point at which the process can end", Destination: &c.crashEverywhere},
			&cli.BoolFlag{Name: "mutate", Usage: "change the definitions, one change at a time, and list the changes that no case notices", Destination: &c.mutate},
			&cli.StringFlag{Name: "junit", Usage: "also write the results to `FILE`, for a build server", Destination: &c.junit},
			&cli.BoolFlag{Name: "against-history", Usage: "replay the runs on record with the current definition, without calling any system", Destination: &c.againstHistory},
			&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "also print the trace of each case", Destination: &c.verbose},
			c.output.flag(),
			c.definitions.flag(),
			c.folderFlag(),
		},
	}
}

func (c *testCommand) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	if c.againstHistory {
		return c.replayHistory(ctx, a, asJSON)
	}
	cases, err := c.findCases(a.names)
	if err != nil {
		return err
	}
	t := &suite{testCommand: c, bench: c.connectors.bench(c.definitions)}
	t.verdicts = t.bench.RunAll(ctx, cases)
	if c.update {
		if err := t.writeDocuments(); err != nil {
			return err
		}
	}
	if c.crashEverywhere {
		t.crash(ctx)
	}
	if c.junit != "" {
		if err := t.writeJUnit(c.junit); err != nil {
			return err
		}
	}
	if c.mutate {
		if t.changes, err = t.mutations(ctx); err != nil {
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

// A suite is one execution of errand test.
type suite struct {
	*testCommand
	bench    golden.Bench
	verdicts []golden.Verdict
	changes  []golden.Mutations // with --mutate
	updated  int
	others   []string // further texts for the last line
}

// exit returns the error of the command: code 1 if a case failed, 3 if a definition has problems.
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

// writeDocuments writes the outcomes of the cases into their documents, and checks them again.
func (t *suite) writeDocuments() error {
	for i, v := range t.verdicts {
		if v.Err != nil || v.Outcome.Unanswered {
			continue
		}
		before, err := golden.ReadFile(v.Case.File)
		if err != nil {
			return definitionExit(err)
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

// print prints each case and its problems.
func (t *suite) print() error {
	failed := 0
	shown := map[string]bool{}
	for _, v := range t.verdicts {
		if v.Passed() {
			fmt.Fprintf(t.stdout, "ok    %s/%s\n", v.Case.Workflow, v.Case.Name())
			t.printTrace(v)
			continue
		}
		failed++
		fmt.Fprintf(t.stdout, "FAIL  %s/%s  (%s)\n", v.Case.Workflow, v.Case.Name(), v.Case.File)
		if broken, ok := errors.AsType[*golden.DefinitionError](v.Err); ok {
			fmt.Fprintf(t.stdout, "      %s\n", broken)
			if !shown[broken.File] {
				shown[broken.File] = true
				if err := t.problems(broken.Problems, broken.Text); err != nil {
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
				fmt.Fprintf(t.stdout, "      %s\n", diag.Printable(strings.TrimSuffix(line, "\n")))
			}
		}
		if v.Err == nil && v.Case.Incomplete(v.Outcome) {
			fmt.Fprintln(t.stdout, "      hint: errand test --update writes the missing parts")
		}
		t.printTrace(v)
	}
	if t.coverage {
		t.printCoverage()
	}
	t.printMutations()
	said := []string{plural(len(t.verdicts), "case")}
	if failed > 0 {
		said = append(said, fmt.Sprintf("%d failed", failed))
	}
	if t.updated > 0 {
		said = append(said, plural(t.updated, "document")+" written")
	}
	said = append(said, t.others...)
	fmt.Fprintln(t.stderr, strings.Join(said, ", "))
	return nil
}

// printTrace prints the trace of a case, with -v.
func (t *suite) printTrace(v golden.Verdict) {
	if !t.verbose || v.Err != nil {
		return
	}
	for line := range strings.Lines(v.Outcome.Trace) {
		fmt.Fprintf(t.stdout, "      %s\n", diag.Printable(strings.TrimSuffix(line, "\n")))
	}
}

// plural returns a number with a noun, such as "2 cases".
func plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
