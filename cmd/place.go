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
	clock := virtual.NewClock(sandboxStart())
	box, err := newSandbox(h.terminal, f.world, clock.Now)
	if err != nil {
		return nil, err
	}
	environment := task.Environment{Credentials: sandbox.Credentials{}, Transport: box.Transport()}
	return &place{registry: task.NewRegistry(h.connectors(environment)...), sandbox: box, clock: clock}, nil
}

// sandboxStart returns the start time of the clock of a sandbox: now, in whole seconds.
func sandboxStart() time.Time { return time.Now().UTC().Truncate(time.Second) }

// newSandbox returns a sandbox with the world of a file, or with the default world.
func newSandbox(t *terminal, file string, now func() time.Time) (*sandbox.Sandbox, error) {
	world, places := sandbox.DefaultWorld(), definition.Positions(nil)
	if file != "" {
		var err error
		if world, places, err = readPlaced(t, file); err != nil {
			return nil, err
		}
	}
	box, err := sandbox.New(world, now)
	if err != nil {
		return nil, worldExit(file, places, err)
	}
	return box, nil
}

// readData reads a file of the user as JSON: JSON if its name ends in .json, otherwise YAML.
func readData(t *terminal, file string) ([]byte, error) {
	data, _, err := readPlaced(t, file)
	return data, err
}

func readPlaced(t *terminal, file string) ([]byte, definition.Positions, error) {
	src, err := library.ReadDefinition(file)
	if err != nil {
		return nil, nil, definitionExit(err)
	}
	data, places, problems := definition.PlacedData(src.File, src.Text)
	if err := t.problems(problems, src.Text); err != nil {
		return nil, nil, err
	}
	if diag.HasErrors(problems) {
		return nil, nil, usage("%s: %s", file, diag.Summary(problems))
	}
	return data, places, nil
}

// worldExit returns the error for the problems of a world, each with its line.
func worldExit(file string, places definition.Positions, err error) error {
	var said []string
	for _, p := range sandbox.Problems(err) {
		said = append(said, fmt.Sprintf("%s:%d: %v", file, places.At(p.Offset).Line, p))
	}
	if len(said) == 0 {
		said = []string{file + ": " + err.Error()}
	}
	return &Exit{Code: ExitConfiguration, Message: strings.Join(said, "\n")}
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
