package cmd

import (
	"context"
	"fmt"

	"errand/engine/diag"
	"errand/engine/golden"
)

// printMutations prints the changes to the definitions that no case detects. It uses the cases that
// pass.
func (t *suite) printMutations(ctx context.Context) error {
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
	for _, file := range workflows {
		m, err := t.bench.Mutate(ctx, of[file])
		if err != nil {
			return err
		}
		to := t.stdout
		fmt.Fprintf(to, "\nchanges to %s: %d of %d noticed, %d%%; the check refused %d more\n",
			m.Workflow, m.Noticed, m.Noticed+len(m.Survived), m.Share(), m.Refused)
		for _, s := range m.Survived {
			fmt.Fprintf(to, "  %s:%d: no case fails when %s\n", m.File, s.Line, diag.Printable(s.What))
		}
	}
	return nil
}
