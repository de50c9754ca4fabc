package cmd

import (
	"errors"

	"github.com/urfave/cli/v2"

	"errand/engine"
	"errand/engine/journal"
)

func (c *Command) runsEventsCommand() *cli.Command {
	return &cli.Command{
		Name:        "events",
		Usage:       "print what happened in a run, an event a line",
		ArgsUsage:   "RUN|REQUEST",
		Description: "errand runs events kq3vzt5mwxa2hd7c\nerrand runs events 100-291 -o json",
		Flags:       []cli.Flag{outputFlag()},
		Action:      c.runsEvents,
	}
}

// runsEvents prints lines for people, or with -o json one {"version":1,"run":…,"events":[…]}, each event as engine.Event.
func (c *Command) runsEvents(x *cli.Context) error {
	asJSON, err := wantsJSON(x)
	if err != nil {
		return err
	}
	return c.onlyRun(x, func(d *desk, run string) error {
		v, err := d.Look(x.Context, run)
		if _, damaged := errors.AsType[*journal.DamageError](err); err != nil && !(damaged && len(v.Events) > 0) {
			return journalExit(err, run)
		}
		if asJSON {
			events := v.Events
			if events == nil {
				events = []engine.Event{}
			}
			return writeJSON(c.Stdout, map[string]any{"version": 1, "run": run, "events": events})
		}
		timeline := plain{w: c.Stdout}
		for _, e := range v.Events {
			timeline.event(e)
		}
		if err != nil {
			return journalExit(err, run)
		}
		return nil
	})
}
