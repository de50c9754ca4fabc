package cmd

import (
	"context"
	"fmt"

	"errand/engine/diag"
	"errand/engine/golden"
)

// mutations changes the definitions of the cases that pass, and runs these cases.
func (t *suite) mutations(ctx context.Context) ([]golden.Mutations, error) {
	var workflows []string
	of := map[string][]*golden.Case{}
	for _, v := range t.verdicts {
		if !v.Passed() {
			continue
		}
		file := v.Outcome.Program.File
		if of[file] == nil {
			workflows = append(workflows, file)
		}
		of[file] = append(of[file], v.Case)
	}
	var all []golden.Mutations
	for _, file := range workflows {
		m, err := t.bench.Mutate(ctx, of[file])
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// printMutations prints the changes to the definitions that no case detects.
func (t *suite) printMutations() {
	for _, m := range t.changes {
		fmt.Fprintf(t.stdout, "\nchanges to %s: %d of %d noticed, %d%%; the check refused %d more\n",
			m.Workflow, m.Noticed, m.Noticed+len(m.Survived), m.Share(), m.Refused)
		for _, s := range m.Survived {
			fmt.Fprintf(t.stdout, "  %s:%d: no case fails when %s\n", m.File, s.Line, diag.Printable(s.What))
		}
	}
}
