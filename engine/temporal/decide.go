package temporal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"errand/engine"
	"errand/engine/journal"
)

// mostTries is how often an update is tried if the run moves on in the meantime.
const mostTries = 20

// Decide implements engine.Decider. The decision is an update of the workflow, which a worker takes up.
func (r *Runner) Decide(ctx context.Context, run, step string, d engine.Decision) error {
	return outward(run, r.send(ctx, run, updateDecide, func(reader *recordReader) (journal.Message, error) {
		return reader.Decide(ctx, step, d)
	}))
}

// Cancel implements engine.Decider.
func (r *Runner) Cancel(ctx context.Context, run string, by engine.Person) error {
	return outward(run, r.send(ctx, run, updateCancel, func(reader *recordReader) (journal.Message, error) {
		return reader.Cancel(ctx, by)
	}))
}

// send sends a message to a run. compose makes it from the run as it is now, or refuses. If the run
// moves on before the message is there, compose is called again.
func (r *Runner) send(ctx context.Context, run, name string, compose func(*recordReader) (journal.Message, error)) error {
	for try := 1; ; try++ {
		reader, f, err := r.reader(ctx, run)
		if err != nil {
			return err
		}
		m, err := compose(reader)
		if err != nil {
			return err
		}
		err = r.update(ctx, f, name, messageID(m), m)
		if !isMoved(err) || try == mostTries {
			if err == nil {
				r.announce(run)
			}
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// messageID returns the id of the update that carries a message: the same message is taken once.
func messageID(m journal.Message) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d\x00%s\x00%s\x00%s", m.Step, m.Round, m.Verdict, m.By, m.Comment))
	return hex.EncodeToString(sum[:16])
}

// update sends an update to the present execution of a workflow, and waits until it is taken. The id of
// the update contains that of the execution: after a reset, the server cannot take an update whose id an
// execution before it had.
func (r *Runner) update(ctx context.Context, f flow, name, id string, args ...any) error {
	within, stop := context.WithTimeout(ctx, answerWithin)
	defer stop()
	sent, err := r.Client.UpdateWorkflow(within, client.UpdateWorkflowOptions{
		WorkflowID: f.id, UpdateID: f.execution() + "/" + id, UpdateName: name, Args: args, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = sent.Get(within, nil)
	}
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return unanswered(f.run, "the message may still reach it", err)
}

// isMoved reports whether an update came too late: the run has moved on, or its workflow has closed or
// was just continuing as new.
func isMoved(err error) bool {
	if refused, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return refused.Type() == movedType || refused.Type() == "AcceptedUpdateCompletedWorkflow"
	}
	_, gone := errors.AsType[*serviceerror.NotFound](err)
	return gone
}
