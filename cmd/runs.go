package cmd

import (
	"context"
	"errors"

	"errand/engine/diag"
	"errand/engine/journal"
)

const runsNote = "A run is named by its id, or by its service request: that is the newest run of the request."

// withRun opens the runs of the home for a command about one run, whose name is the first argument.
func (h *home) withRun(ctx context.Context, a arguments, do func(d *desk, run string) error) error {
	if len(a.names) == 0 {
		return &Exit{Code: ExitUsage, Message: "name a run, or its service request", Hint: "errand runs list shows the runs"}
	}
	return h.use(ctx, a.command, func(d *desk) error {
		run, err := d.find(ctx, a.names[0])
		if err != nil {
			return err
		}
		return do(d, run)
	})
}

// withOnlyRun is withRun for a command without other arguments.
func (h *home) withOnlyRun(ctx context.Context, a arguments, do func(d *desk, run string) error) error {
	if len(a.names) > 1 {
		return usage("one run is wanted, and there are %d names", len(a.names))
	}
	return h.withRun(ctx, a, do)
}

// find finds a run by its id, or the newest one of a service request.
func (d *desk) find(ctx context.Context, name string) (string, error) {
	_, _, err := d.Journal.Load(ctx, name)
	if _, damaged := errors.AsType[*journal.DamageError](err); err == nil || damaged {
		return name, nil
	}
	if !errors.Is(err, journal.ErrNotFound) {
		return "", journalExit(err, "")
	}
	found, err := d.Journal.List(ctx, journal.Query{Request: name, Limit: 1})
	if err != nil {
		return "", journalExit(err, "")
	}
	if len(found) == 0 {
		return "", &Exit{Code: ExitNotFound, Message: "there is no run " + diag.Printable(name) + ", and no run for such a request", Hint: "errand runs list shows the runs in " + d.home}
	}
	return found[0].ID, nil
}
