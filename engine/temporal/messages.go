package temporal

import (
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"errand/engine/journal"
)

// The updates of a workflow. The client has checked who may decide what; the workflow checks that the
// run still asks. A refused update leaves nothing in the history.
const (
	updateDecide = "decide" // takes a journal.Message on a question
	updateCancel = "cancel" // takes a journal.Message without a step
	updateResume = "resume" // lets a run go on that waits for the end of trouble
)

// movedType is the type of the error with which an update is refused: the run has moved on since the
// client read it.
const movedType = "moved"

var errMoved = temporal.NewApplicationError("the run has moved on", movedType)

// listen sets the handlers of a run's updates. None of them waits, so that no update is under way when
// the run continues as new.
func (l *ledger) listen(ctx workflow.Context) error {
	decide := func(ctx workflow.Context, m journal.Message) error {
		if !l.receive(ctx, m) {
			return errMoved
		}
		return nil
	}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, updateDecide, decide, workflow.UpdateHandlerOptions{Validator: l.mayDecide}); err != nil {
		return err
	}
	cancel := func(ctx workflow.Context, m journal.Message) error {
		l.cancel = true
		l.receive(ctx, m)
		return nil
	}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, updateCancel, cancel, workflow.UpdateHandlerOptions{Validator: l.mayCancel}); err != nil {
		return err
	}
	return workflow.SetUpdateHandler(ctx, updateResume, func(workflow.Context) error {
		l.resumed++
		return nil
	})
}

// receive puts a message into the run's inbox. It returns false if the inbox has another message on
// the same question.
func (l *ledger) receive(ctx workflow.Context, m journal.Message) bool {
	for _, before := range l.messages {
		if before.Step == m.Step && before.Round == m.Round {
			return false
		}
	}
	m.At = workflow.Now(ctx).UTC()
	l.messages = append(l.messages, m)
	return true
}

// mayDecide refuses a message unless it answers an open question in its round and in time.
func (l *ledger) mayDecide(ctx workflow.Context, m journal.Message) error {
	for _, q := range l.asks {
		late := !q.Until.IsZero() && !workflow.Now(ctx).Before(q.Until)
		if q.Step == m.Step && l.questionRound(m.Step) == m.Round && l.message(m.Step) == nil && !late {
			return nil
		}
	}
	return errMoved
}

// mayCancel refuses a message of another round.
func (l *ledger) mayCancel(_ workflow.Context, m journal.Message) error {
	if m.Round != 1+l.retries {
		return errMoved
	}
	return nil
}
