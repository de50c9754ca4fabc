package cmd

import (
	"context"
	"fmt"

	"errand/engine"
)

// howToAdopt is the hint for a home that is a copy.
const howToAdopt = "errand runs list shows the runs; if no other home works on them, errand runs adopt --all"

// isolatedRuns returns how many runs wait for adoption, as a sentence.
func isolatedRuns(n int) string {
	if n == 1 {
		return "1 run waits for adoption"
	}
	return fmt.Sprintf("%d runs wait for adoption", n)
}

// adopter returns the runner as an engine.Adopter.
func (o *opened) adopter() (engine.Adopter, error) {
	adopter, ok := o.Runner.(engine.Adopter)
	if !ok {
		return nil, &Exit{Code: ExitUsage, Message: "the runs of this home cannot be copied, and need no adoption"}
	}
	return adopter, nil
}

// noteCopy prints a note if the home is a copy.
func (o *opened) noteCopy(ctx context.Context) error {
	adopter, ok := o.Runner.(engine.Adopter)
	if !ok {
		return nil
	}
	is, err := adopter.IsCopy(ctx)
	if err != nil {
		return runExit(err, "")
	}
	if is {
		fmt.Fprintf(o.stderr, "this home is a copy of another one, and starts nothing by itself\n  hint: %s\n", o.atHome(howToAdopt))
	}
	return nil
}
