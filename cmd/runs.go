package cmd

import (
	"context"
	"errors"
	"slices"

	"errand/engine/diag"
	"errand/engine/journal"
	"errand/engine/program"
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

// runsThatNeed lists the runs that have not ended and use a credential.
func (h *home) runsThatNeed(ctx context.Context, by string, used program.Credential) ([]string, error) {
	d, err := h.open(ctx, by, h.connectors.registry())
	if err != nil {
		return nil, err
	}
	defer d.close()
	open, err := d.Journal.List(ctx, journal.Query{Open: true})
	if err != nil {
		return nil, journalExit(err, "")
	}
	var found []string
	for _, run := range open {
		v, err := d.Look(ctx, run.ID)
		if err != nil || v.Program == nil {
			continue // the run cannot go on, so that it needs nothing
		}
		if slices.Contains(v.Program.Credentials, used) {
			found = append(found, run.ID)
		}
	}
	return found, nil
}
