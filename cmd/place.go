package cmd

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/home"
	"errand/engine/library"
	"errand/engine/program"
	"errand/engine/task"
	"errand/engine/virtual"
	"errand/tasks/sandbox"
)

// A place is the systems that a run acts on: the real ones, or a sandbox with its clock.
type place struct {
	registry *task.Registry
	sandbox  *sandbox.Sandbox // nil for real systems
	clock    *virtual.Clock
	decider  *decider // decides about approvals in a sandbox; set when the workflow is known
}

// placeFlags choose a place.
type placeFlags struct {
	sandbox bool
	world   string
}

func (f *placeFlags) flags(usage string) []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "sandbox", Usage: usage, Destination: &f.sandbox},
		worldFlag(&f.world),
	}
}

// check returns an error if --world is set without --sandbox.
func (f *placeFlags) check() error {
	if f.world != "" && !f.sandbox {
		return usage("--world fills the sandbox; add --sandbox")
	}
	return nil
}

// place returns the place that the flags choose. For real systems it uses the credentials of the
// home.
func (f *placeFlags) place(h *homeFlags) (*place, error) {
	if !f.sandbox {
		registry, err := h.registry()
		return &place{registry: registry}, err
	}
	world, err := readWorld(h.terminal, f.world)
	if err != nil {
		return nil, err
	}
	clock := virtual.NewClock(sandboxStart())
	box, err := sandbox.New(world, clock.Now)
	if err != nil {
		return nil, worldExit(f.world, err)
	}
	environment := task.Environment{Credentials: sandbox.Credentials{}, Transport: box.Transport()}
	return &place{registry: task.NewRegistry(h.connectors(environment)...), sandbox: box, clock: clock}, nil
}

// sandboxStart returns the start time of the clock of a sandbox: now, in whole seconds.
func sandboxStart() time.Time { return time.Now().UTC().Truncate(time.Second) }

// readWorld reads a world file as JSON. Without a file it returns the default world.
func readWorld(t *terminal, file string) ([]byte, error) {
	if file == "" {
		return sandbox.DefaultWorld(), nil
	}
	return readData(t, file)
}

// readData reads a file of the user as JSON: JSON if its name ends in .json, otherwise YAML.
func readData(t *terminal, file string) ([]byte, error) {
	src, err := library.ReadDefinition(file)
	if err != nil {
		return nil, definitionExit(err)
	}
	data, problems := definition.Data(src.File, src.Text)
	if err := t.problems(problems, src.Text); err != nil {
		return nil, err
	}
	if diag.HasErrors(problems) {
		return nil, usage("%s: %s", file, diag.Summary(problems))
	}
	return data, nil
}

func worldExit(file string, err error) error {
	return &Exit{Code: ExitConfiguration, Message: "the world file " + file + ": " + err.Error()}
}

// printSandbox prints the state of the sandbox after a run.
func printSandbox(w io.Writer, box *sandbox.Sandbox) {
	fmt.Fprintln(w, "\nin the sandbox now:")
	for line := range strings.Lines(box.State().Describe()) {
		fmt.Fprintln(w, "  "+diag.Printable(strings.TrimSuffix(line, "\n")))
	}
}

// checkCredentials returns an error if a connector that the program uses has no usable credential.
func checkCredentials(ctx context.Context, registry *task.Registry, p *program.Program) error {
	if err := home.Ready(ctx, registry, p); err != nil {
		return &Exit{Code: ExitCredentials, Message: err.Error(), Hint: "nothing was run; --sandbox needs no account"}
	}
	return nil
}
