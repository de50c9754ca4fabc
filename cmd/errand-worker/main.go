// Errand-worker runs the workflows of errand on Temporal, for those who need more than one machine.
//
// The commands are those of package cmd. What differs from errand is in edition.go; settings.go has the
// flags of the connection and of a worker, backend.go says what Temporal must do, and temporal.go does it;
// worker.go, setup.go, promote.go, versions.go and codec.go with gate.go (who may use it) are the commands
// that only this program has.
package main

import (
	"context"
	"os"

	"errand/tasks"
)

func main() {
	os.Exit(newCommand(tasks.Connectors, onTemporal).Run(context.Background(), os.Args[1:]))
}
