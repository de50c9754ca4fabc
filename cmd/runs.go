package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"errand/engine"
	"errand/engine/program"
)

const runsNote = "RUN is the id of a run. REQUEST is a service request, and means its newest run."

// withRun opens the home for a command about one run, which the first argument names.
func (h *homeFlags) withRun(ctx context.Context, a arguments, do func(o *opened, run string) error) error {
	if len(a.names) == 0 {
		return &Exit{Code: ExitUsage, Message: "name a run or its service request", Hint: "errand runs list shows the runs"}
	}
	return h.use(ctx, a.command, func(o *opened) error {
		run, err := o.find(ctx, a.names[0])
		if err != nil {
			return err
		}
		return do(o, run)
	})
}

// withOnlyRun is withRun for a command that takes no other arguments.
func (h *homeFlags) withOnlyRun(ctx context.Context, a arguments, do func(o *opened, run string) error) error {
	if len(a.names) > 1 {
		return usage("expected one run, got %d names: %s", len(a.names), strings.Join(a.names, " "))
	}
	return h.withRun(ctx, a, do)
}

// find returns the run with an id, or the newest run of a service request.
func (o *opened) find(ctx context.Context, name string) (string, error) {
	run, err := o.Find(ctx, name)
	if refusal, ok := errors.AsType[*engine.Refusal](err); ok && refusal.Code == engine.RefusedNotFound {
		hint := "errand runs list shows the runs in " + o.Folder
		if o.hasWorkers() {
			hint = "errand runs list shows the runs"
		}
		return "", &Exit{Code: ExitNotFound, Message: fmt.Sprintf("there is no run %q, and no run for a service request %q", name, name), Hint: hint}
	}
	if err != nil {
		return "", runExit(err, "")
	}
	return run, nil
}

// runsThatNeed returns the runs that have not ended and use a credential.
func (h *homeFlags) runsThatNeed(ctx context.Context, by string, used program.Credential) ([]string, error) {
	o, err := h.open(ctx, by, h.connectors.registry())
	if err != nil {
		return nil, err
	}
	defer o.close()
	found, err := o.Using(ctx, used)
	if err != nil {
		return nil, runExit(err, "")
	}
	return found, nil
}

// keepTarget refuses a change by which a run that has sent something with a credential would go on
// elsewhere. by is the command that makes the change.
func (h *homeFlags) keepTarget(by string) func(ctx context.Context, connector, name string, since time.Time) error {
	return func(ctx context.Context, connector, name string, since time.Time) error {
		o, err := h.open(ctx, by, h.connectors.registry())
		if err != nil {
			return err
		}
		defer o.close()
		sent, err := o.SentWith(ctx, program.Credential{Connector: connector, Name: name}, since)
		if err != nil {
			return runExit(err, "")
		}
		if len(sent) == 0 {
			return nil
		}
		return &Exit{
			Code:    ExitNotFound,
			Message: fmt.Sprintf("the requests of credential %s of %s would go elsewhere, and runs that have not ended have used it: %s", name, connector, strings.Join(sent, ", ")),
			Hint:    "wait until they end, cancel them (errand runs cancel " + sent[0] + "), or use another name; --force is for another address of the same system",
		}
	}
}
