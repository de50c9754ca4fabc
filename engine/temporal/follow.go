package temporal

import (
	"cmp"
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

// How often a follower asks the server whether a run has changed: at first often, and then less often
// the longer nothing happens. The end of a run it learns at once.
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
	if ctx.Err() != nil {
		return r.Read(context.WithoutCancel(ctx), run)
	}
	if err := r.resume(ctx, run); err != nil {
		return engine.View{}, err
	}
	t := &tail{runner: r, run: run, following: f, poll: firstPoll}
	closed := r.closes(ctx, run)
	for {
		over, err := t.look(ctx)
		if err != nil && ctx.Err() == nil {
			return t.view, err
		}
		if over || ctx.Err() != nil { // the workers go on
			return t.end(ctx)
		}
		select {
		case <-ctx.Done():
		case <-closed:
			closed, t.poll = nil, firstPoll
		case <-time.After(t.poll):
			t.poll = min(t.poll*3/2, longestPoll)
		}
	}
}

// closes returns a channel that is closed when the workflow of a run closes.
func (r *Runner) closes(ctx context.Context, run string) <-chan struct{} {
	closed := make(chan struct{})
	id, err := r.find(ctx, run)
	if err != nil {
		return nil
	}
	go func() {
		_ = r.Client.GetWorkflow(ctx, id, "").Get(ctx, nil) // how it closed is read afterwards
		if ctx.Err() == nil {
			close(closed)
		}
	}()
	return closed
}

// A tail follows a run.
type tail struct {
	runner    *Runner
	run       string
	following engine.Following
	poll      time.Duration

	mark   string         // of the last look
	since  time.Time      // when the mark changed
	view   engine.View    // as the run was read last
	passed engine.EventID // the last event that was passed on
	turn   string         // the run that has the turn
}

// look passes on what is new, and reports whether the caller is done with the run. It reads the record
// only if that is needed: a worker has to answer.
func (t *tail) look(ctx context.Context) (over bool, err error) {
	f, err := t.runner.describe(ctx, t.run)
	if err != nil {
		return false, err
	}
	if f.mark() == t.mark {
		if f.needsWorker() && time.Since(t.since) > answerWithin {
			return false, cmp.Or(t.runner.stuck(ctx, f), noWorker(t.run, "it is on record, and goes on as soon as a worker takes it"))
		}
		if waitsForTurn(t.view.Waits) && t.following.Turn != nil { // the turn passes on without a change of this run
			t.nameTurn(t.runner.turn(ctx, t.view.Key))
		}
		return false, nil
	}
	t.mark, t.since, t.poll = f.mark(), time.Now(), firstPoll
	published, err := t.runner.state(f.Memo)
	if err != nil {
		return false, err
	}
	over = isClosed(f.Status) || t.isLeft(published.Waits)
	if !over && t.following.Watch == nil && !waitsForTurn(published.Waits) {
		return false, nil
	}
	return t.read(ctx, f)
}

// needsWorker reports whether a workflow has something to do, and no worker has taken that.
func (f flow) needsWorker() bool {
	return f.RawResponse.GetPendingWorkflowTask().GetState() == enums.PENDING_WORKFLOW_TASK_STATE_SCHEDULED
}

// read reads the record of the run.
func (t *tail) read(ctx context.Context, f flow) (over bool, err error) {
	record, err := t.runner.recordOf(ctx, f)
	if err != nil {
		return false, err
	}
	reader := t.runner.open(record)
	if t.view, err = reader.Read(ctx); err != nil {
		return false, err
	}
	if t.following.Watch != nil {
		events, err := reader.Events(ctx, t.passed)
		for _, e := range events {
			t.passed = e.ID
			e.ID = engine.EventID{}
			t.following.Watch(e)
		}
		if err != nil {
			return false, err
		}
	}
	t.nameTurn(turnOf(t.view.Waits))
	return !t.view.Ended.IsZero() || t.isLeft(t.view.Waits), nil
}

// nameTurn passes on which run has the turn, if another one has it now.
func (t *tail) nameTurn(run string) {
	if t.following.Turn != nil && run != "" && run != t.turn && run != t.run {
		t.turn = run
		t.following.Turn(run)
	}
}

// isLeft reports whether a run goes on only after somebody has acted, and the caller does not stay.
func (t *tail) isLeft(waits []engine.Wait) bool {
	return engine.WaitsForPerson(waits) && !t.following.Stay || needsMending(waits) && !engine.WaitsForPerson(waits)
}

// end returns the view of a run that is not followed any longer.
func (t *tail) end(ctx context.Context) (engine.View, error) {
	if t.view.Run != "" {
		return t.view, nil
	}
	return t.runner.Read(context.WithoutCancel(ctx), t.run)
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

func waitsForTurn(waits []engine.Wait) bool {
	return slices.ContainsFunc(waits, func(w engine.Wait) bool { return w.For == engine.WaitTurn })
}

// needsMending reports whether a run goes on only after somebody has mended something.
func needsMending(waits []engine.Wait) bool {
	return len(waits) > 0 && !slices.ContainsFunc(waits, func(w engine.Wait) bool { return w.For != engine.WaitTrouble && w.For != engine.WaitPerson })
}

// resume makes a run go on that waits for the end of trouble.
func (r *Runner) resume(ctx context.Context, run string) error {
	f, err := r.describe(ctx, run)
	if err != nil {
		return err
	}
	published, err := r.state(f.Memo)
	if err != nil || f.Status == enums.WORKFLOW_EXECUTION_STATUS_COMPLETED {
		return err
	}
	if isClosed(f.Status) {
		record, err := r.recordOf(ctx, f)
		if err != nil {
			return err
		}
		return r.recover(ctx, record, f, published.Status)
	}
	for _, w := range published.Waits {
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
func (r *Runner) recover(ctx context.Context, record Record, f flow, published engine.Status) error {
	now := time.Now().Round(0).UTC()
	record.Entries = append(slices.Clone(record.Entries), journal.Entry{
		Kind: journal.Resumed, At: now, Process: r.About, Before: &engine.Ending{Kind: engine.EndedByCrash, Process: fmt.Sprintf("the workflow that Temporal shows as %s", f.Status)},
	})
	record.State = State{Status: engine.Waiting}
	err := r.begin(ctx, f.id, record, published)
	if _, open := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); open { // somebody else was faster
		return nil
	}
	return err
}
