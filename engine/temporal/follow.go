package temporal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"errand/engine"
	"errand/engine/journal"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
)

// How often a follower asks whether a run has changed: at first often, and then less often the longer
// nothing happens.
const (
	firstPoll   = 50 * time.Millisecond
	longestPoll = time.Second
)

// Follow implements engine.Follower. Workers carry the run on, whether or not somebody follows it. A
// run that waits for the end of trouble is resumed.
func (r *Runner) Follow(ctx context.Context, run string, f engine.Following) (engine.View, error) {
	v, err := r.follow(ctx, run, f)
	return v, outward(run, err)
}

func (r *Runner) follow(ctx context.Context, run string, f engine.Following) (engine.View, error) {
	if err := r.resume(ctx, run); err != nil {
		return engine.View{}, err
	}
	t := &tail{watch: f.Watch}
	turn, poll, mark := "", firstPoll, ""
	var v engine.View
	for {
		reader, at, err := r.reader(ctx, run)
		if err != nil && (ctx.Err() == nil || v.Run == "") {
			return v, err
		}
		if err == nil {
			if v, err = reader.Read(ctx); err != nil {
				return v, err
			}
			if err := t.pass(ctx, reader); err != nil {
				return v, err
			}
			if holder := turnOf(v.Waits); f.Turn != nil && holder != turn {
				turn = holder
				f.Turn(turn)
			}
			if !v.Ended.IsZero() || engine.WaitsForPerson(v.Waits) && !f.Stay || needsMending(v.Waits) {
				return v, nil
			}
			if now := at.mark(); now != mark {
				mark, poll = now, firstPoll
			}
		}
		select {
		case <-ctx.Done():
			return v, nil // the workers go on
		case <-time.After(poll):
		}
		poll = min(poll*3/2, longestPoll)
	}
}

// turnOf returns the run that has the turn for which a run waits, or "".
func turnOf(waits []engine.Wait) string {
	for _, w := range waits {
		if w.For == engine.WaitTurn {
			return w.Run
		}
	}
	return ""
}

// needsMending reports whether a run goes on only after somebody has mended something.
func needsMending(waits []engine.Wait) bool {
	return len(waits) > 0 && !slices.ContainsFunc(waits, func(w engine.Wait) bool { return w.For != engine.WaitTrouble && w.For != engine.WaitPerson })
}

// resume makes a run go on that waits for the end of trouble.
func (r *Runner) resume(ctx context.Context, run string) error {
	reader, f, err := r.reader(ctx, run)
	if err != nil {
		return err
	}
	if isClosed(f.Status) && f.Status != enums.WORKFLOW_EXECUTION_STATUS_COMPLETED {
		return r.recover(ctx, reader.record, f)
	}
	for _, w := range reader.record.State.Waits {
		if w.For == engine.WaitTrouble {
			err := r.update(ctx, f, updateResume, fmt.Sprintf("resume at %d", f.HistoryLength))
			if isMoved(err) {
				return nil
			}
			return err
		}
	}
	return nil
}

// recover makes a run go on whose workflow was ended from outside: another workflow with the same id
// goes on from its record. The outcome of a call without an answer is unknown.
func (r *Runner) recover(ctx context.Context, record Record, f flow) error {
	now := time.Now().Round(0).UTC()
	record.Entries = append(slices.Clone(record.Entries), journal.Entry{
		Kind: journal.Resumed, At: now, Process: r.About, Before: &engine.Ending{Kind: engine.EndedByCrash, Process: "a workflow that was ended from outside: " + f.Status.String()},
	})
	published, err := r.state(f.Memo)
	if err != nil {
		return err
	}
	record.State = State{Status: engine.Waiting}
	err = r.begin(ctx, f.id, record, published.Status)
	if _, open := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); open { // somebody else was faster
		return nil
	}
	return err
}

// A tail passes on the events of a run, each once.
type tail struct {
	watch  engine.Watch // may be nil
	passed engine.EventID
}

// pass passes on the events since the last call.
func (t *tail) pass(ctx context.Context, reader *recordReader) error {
	if t.watch == nil {
		return nil
	}
	events, err := reader.Events(ctx, t.passed)
	for _, e := range events {
		t.watch(e)
		t.passed = e.ID
	}
	return err
}
