package cmd

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"errand/engine/credential"
	"errand/engine/definition"
	"errand/engine/diag"
	"errand/engine/task"
	"errand/engine/virtual"
	"errand/tasks/sandbox"
)

// A place is where runs act: the world outside, or a sandbox with its clock.
type place struct {
	registry *task.Registry
	sandbox  *sandbox.Sandbox // nil outside
	clock    *virtual.Clock
	decider  *decider // of the approvals in a sandbox, once the workflow is known
}

func (c *Command) place(x *cli.Context) (*place, error) {
	if !x.Bool("sandbox") {
		registry, err := c.connected(x)
		return &place{registry: registry}, err
	}
	world, err := c.world(x.String("world"))
	if err != nil {
		return nil, err
	}
	clock := virtual.NewClock(started())
	box, err := sandbox.New(world, clock.Now)
	if err != nil {
		return nil, worldExit(x.String("world"), err)
	}
	environment := task.Environment{Credentials: sandbox.Credentials{}, Transport: box.Transport()}
	return &place{registry: task.NewRegistry(c.Connectors(environment)...), sandbox: box, clock: clock}, nil
}

// connected is the registry of the world outside, with the credentials that are stored in the home.
func (c *Command) connected(x *cli.Context) (*task.Registry, error) {
	s, err := c.store(x, false)
	if err != nil {
		return nil, err
	}
	return c.outside(s), nil
}

// outside is a registry over a store of credentials. What a task returns is masked for them.
func (c *Command) outside(s *credential.Store) *task.Registry {
	return task.NewRegistry(c.Connectors(task.Environment{Credentials: s})...).Masked(s.Mask())
}

// registry holds the task types of the world outside, to be looked at: nothing is stored.
func (c *Command) registry() *task.Registry {
	return task.NewRegistry(c.Connectors(task.Environment{})...)
}

// world reads a world file as JSON; without one it is the default world.
func (c *Command) world(file string) ([]byte, error) {
	if file == "" {
		return sandbox.DefaultWorld(), nil
	}
	return c.data(file)
}

// data reads a YAML or JSON file of the user's as JSON.
func (c *Command) data(file string) ([]byte, error) {
	src, err := readSource(file)
	if err != nil {
		return nil, err
	}
	data, problems := definition.Data(src.file, src.text)
	if len(problems) > 0 {
		texts := func(string) []byte { return src.text }
		if err := diag.Render(c.Stderr, problems, texts, diag.Style{Color: c.colors(c.Stderr)}); err != nil {
			return nil, err
		}
	}
	if diag.HasErrors(problems) {
		return nil, usage("%s: %s", file, diag.Summary(problems))
	}
	return data, nil
}

func worldExit(file string, err error) error {
	return &Exit{Code: ExitConfiguration, Message: "the world file " + file + ": " + err.Error()}
}

// showSandbox tells what a run left in the sandbox, as the people concerned would see it.
func (c *Command) showSandbox(box *sandbox.Sandbox) {
	fmt.Fprintln(c.Stderr, "\nin the sandbox now:")
	for line := range strings.Lines(box.State().Describe()) {
		fmt.Fprintln(c.Stderr, "  "+diag.Printable(strings.TrimSuffix(line, "\n")))
	}
}
