package cmd

import (
	"context"

	"github.com/urfave/cli/v2"

	"errand/engine"
)

type runsEvents struct {
	homeFlags
	after  string
	output output
}

func (c *runsEvents) describe() *cli.Command {
	return &cli.Command{
		Name:        "events",
		Usage:       "print the events of a run, one event per line",
		ArgsUsage:   "RUN|REQUEST",
		Description: "errand runs events kq3vzt5mwxa2hd7c\nerrand runs events 100-291 -o json",
		Flags: c.homeFlags.with(
			&cli.StringFlag{Name: "after", Usage: "print only the events after the event `ID`, such as 7.2", Destination: &c.after},
			c.output.flag(),
		),
	}
}

// run prints one line for each event. With -o json it prints one object
// {"version":1,"run":…,"events":[…]}, with each event as an engine.Event. If the record of the run
// is damaged, it prints the events before the damage.
func (c *runsEvents) run(ctx context.Context, a arguments) error {
	asJSON, err := c.output.json()
	if err != nil {
		return err
	}
	var after engine.EventID
	if c.after != "" {
		if after, err = engine.ParseEventID(c.after); err != nil {
			return usage("--after: %v", err)
		}
	}
	return c.withOnlyRun(ctx, a, func(o *opened, run string) error {
		events, err := o.Events(ctx, run, after)
		if err != nil && len(events) == 0 {
			return runExit(err, run)
		}
		if asJSON {
			if events == nil {
				events = []engine.Event{}
			}
			return c.writeJSON(map[string]any{"version": 1, "run": run, "events": events})
		}
		v, readErr := o.Read(ctx, run)
		timeline := newPlain(c.stdout, v.Program)
		timeline.details = true
		if readErr == nil { // the first event may come long after the start
			timeline.started = v.Started
		}
		for _, e := range events {
			timeline.event(e)
		}
		if err != nil {
			return runExit(err, run)
		}
		return nil
	})
}
