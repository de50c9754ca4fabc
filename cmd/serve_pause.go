package cmd

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"errand/engine/access"
	"errand/engine/diag"
)

type servePause struct {
	homeFlags
	definitions definitions
	force       bool
}

func (c *servePause) describe() *cli.Command {
	return &cli.Command{
		Name:        "pause",
		Usage:       "start no runs of a workflow, or none by intake; runs in flight go on",
		ArgsUsage:   "WORKFLOW|intake",
		Description: "errand serve pause start-instance\nerrand serve pause intake",
		Flags: c.homeFlags.with(
			&cli.BoolFlag{Name: "force", Usage: "take a workflow that has no definition", Destination: &c.force},
			c.definitions.flag(),
		),
	}
}

func (c *servePause) run(ctx context.Context, a arguments) error {
	name, err := a.one("the workflow, or intake")
	if err != nil {
		return err
	}
	if err := tokenExit(access.Pause{Name: name}.Check()); err != nil {
		return err
	}
	if err := c.definitions.knownWorkflow(name, access.PausedIntake); err != nil && !c.force {
		return err
	}
	return c.useService(ctx, a.command, func(s serviceHome) error {
		paused, err := s.pauses.Paused(ctx)
		if err != nil {
			return serviceExit(err)
		}
		if at := slices.IndexFunc(paused, func(p access.Pause) bool { return p.Name == name }); at >= 0 {
			fmt.Fprintf(c.stderr, "%s is paused already, by %s at %s\n", diag.Printable(name), diag.Printable(paused[at].By), shortTime(paused[at].At))
			return nil
		}
		by, err := s.record(ctx, access.ActionPause, name)
		if err != nil {
			return err
		}
		if err := s.pauses.Pause(ctx, access.Pause{Name: name, By: by, At: time.Now().Truncate(time.Second)}); err != nil {
			return serviceExit(err)
		}
		fmt.Fprintf(c.stderr, "%s is paused; runs in flight go on\n  hint: %s\n", diag.Printable(name), c.atHome("errand serve unpause "+word(name)+" ends the pause"))
		return nil
	})
}

type serveUnpause struct{ homeFlags }

func (c *serveUnpause) describe() *cli.Command {
	return &cli.Command{
		Name:        "unpause",
		Usage:       "end a pause",
		ArgsUsage:   "WORKFLOW|intake",
		Description: "errand serve unpause start-instance\nerrand serve unpause intake",
		Flags:       c.homeFlags.with(),
	}
}

func (c *serveUnpause) run(ctx context.Context, a arguments) error {
	name, err := a.one("the workflow, or intake")
	if err != nil {
		return err
	}
	return c.useService(ctx, a.command, func(s serviceHome) error {
		paused, err := s.pauses.Paused(ctx)
		if err != nil {
			return serviceExit(err)
		}
		names := make([]string, len(paused))
		for i, p := range paused {
			names[i] = p.Name
		}
		if !slices.Contains(names, name) {
			hint := "errand serve paused lists what is paused"
			if near := diag.Nearest(name, names); near != "" {
				hint = fmt.Sprintf("did you mean %q?", near)
			}
			return &Exit{Code: ExitNotFound, Message: fmt.Sprintf("%q is not paused", name), Hint: hint}
		}
		if _, err := s.record(ctx, access.ActionUnpause, name); err != nil {
			return err
		}
		if _, err := s.pauses.Unpause(ctx, name); err != nil {
			return serviceExit(err)
		}
		fmt.Fprintln(c.stderr, diag.Printable(name), "is not paused any more")
		return nil
	})
}

type servePaused struct {
	homeFlags
	output output
}

func (c *servePaused) describe() *cli.Command {
	return &cli.Command{
		Name:        "paused",
		Usage:       "list what is paused",
		Description: "errand serve paused\nerrand serve paused -o json",
		Flags:       c.homeFlags.with(c.output.flag()),
	}
}

// run prints {"version":1,"paused":[{"name","by","at"}]} or a table.
func (c *servePaused) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	if err := a.none("errand serve pause NAME pauses a workflow"); err != nil {
		return err
	}
	return c.useService(ctx, a.command, func(s serviceHome) error {
		paused, err := s.pauses.Paused(ctx)
		if err != nil {
			return serviceExit(err)
		}
		if asJSON {
			return c.writeJSON(map[string]any{"version": 1, "paused": append([]access.Pause{}, paused...)})
		}
		if len(paused) == 0 {
			fmt.Fprintln(c.stderr, "nothing is paused in", s.Folder)
			return nil
		}
		rows := make([][]string, len(paused))
		for i, p := range paused {
			rows[i] = []string{diag.Printable(p.Name), shortTime(p.At), diag.Printable(p.By)}
		}
		width, _ := size(c.stdout)
		table(c.stdout, "", width, []string{"NAME", "SINCE", "BY"}, rows)
		return nil
	})
}
