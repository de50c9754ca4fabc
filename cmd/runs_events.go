package cmd

import (
	"context"
	"errors"

	"github.com/urfave/cli/v2"

	"errand/engine"
	"errand/engine/journal"
)

type runsEvents struct {
	home
	output output
}

func (c *runsEvents) describe() *cli.Command {
	return &cli.Command{
		Name:        "events",
		Usage:       "print what happened in a run, an event a line",
		ArgsUsage:   "RUN|REQUEST",
		Description: "errand runs events kq3vzt5mwxa2hd7c\nerrand runs events 100-291 -o json",
		Flags:       c.home.with(c.output.flag()),
	}
}

// run prints a line for each event, or with -o json one {"version":1,"run":…,"events":[…]}, each event
// as engine.Event.
func (c *runsEvents) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	return c.withOnlyRun(ctx, a, func(d *desk, run string) error {
		v, err := d.Look(ctx, run)
		if _, damaged := errors.AsType[*journal.DamageError](err); err != nil && !(damaged && len(v.Events) > 0) {
			return journalExit(err, run)
		}
		if asJSON {
			events := v.Events
			if events == nil {
				events = []engine.Event{}
			}
			return writeJSON(c.stdout, map[string]any{"version": 1, "run": run, "events": events})
		}
		timeline := plain{w: c.stdout}
		for _, e := range v.Events {
			timeline.event(e)
		}
		if err != nil {
			return journalExit(err, run)
		}
		return nil
	})
}
