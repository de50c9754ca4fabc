package engine

import (
	"errors"
	"fmt"
	"maps"
	"time"

	"errand/engine/program"
	"errand/engine/schema"
)

func (x *run) parallel(s *program.Step, a *program.Parallel, at int) error {
	x.begin(s, at, Event{})
	return x.group(s, at, func() error {
		return x.fork(len(a.Branches), func(i int, y *run) error { return y.list(a.Branches[i].Steps) })
	})
}

// begin emits the start of a step that holds others. e has what there is to say beside the step.
func (x *run) begin(s *program.Step, at int, e Event) {
	e.Kind, e.Step, e.Name = EventStepStarted, x.key(s), s.Name
	x.emit(e)
	x.result.Steps[at].Started = x.h.Now()
}

// group carries out the steps that a step holds, within the step's time-out, and concludes the step.
// If one of them fails, the step fails with that failure.
func (x *run) group(s *program.Step, at int, within func() error) error {
	restore := x.applyTimeout(s)
	err := within()
	restore()
	return x.concludeGroup(s, at, err, nil)
}

// applyTimeout limits the steps that follow to the time-out of s. The returned function ends that.
func (x *run) applyTimeout(s *program.Step) (restore func()) {
	outer, limit, paused := x.deadline, x.limit, x.paused
	if x.deadline = earlier(outer, after(x.h.Now(), s.Timeout)); !x.deadline.Equal(outer) {
		x.limit = notWithin(fmt.Sprintf("step %q", x.key(s)), s.Timeout)
	}
	return func() { x.deadline, x.limit = later(outer, x.paused-paused), limit }
}

func notWithin(what string, d time.Duration) string {
	return what + " was not done within " + schema.FormatDuration(d)
}

// concludeGroup ends a step that holds others. own are the outputs of its success that not every step
// has.
func (x *run) concludeGroup(s *program.Step, at int, err error, own map[string]any) error {
	f, failed := asFailure(err)
	switch {
	case failed:
		x.failGroup(s, at, &f.Failure)
		return f
	case errors.Is(err, ErrCancelled):
		x.result.Steps[at].Status = StepCancelled
		return err
	case err != nil:
		return err
	}
	message := "done"
	outputs := map[string]any{"success": true, "result_code": 0, "result_message": message}
	maps.Copy(outputs, own)
	x.conclude(s, at, StepSucceeded, outputs)
	x.emit(Event{Kind: EventStepSucceeded, Step: x.key(s), Name: s.Name, Message: message})
	return nil
}

// lastEnd returns when the last of the steps ended.
func (x *run) lastEnd() (last time.Time) {
	for _, s := range x.result.Steps {
		if s.Ended.After(last) {
			last = s.Ended
		}
	}
	return last
}
