// Errand runs declarative workflows for a service desk.
package main

import (
	"context"
	"os"

	"errand/cmd"
	"errand/tasks"
)

func main() { os.Exit(cmd.New(tasks.Connectors).Run(context.Background(), os.Args[1:])) }
