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
	x.begin(s, at, "")
	return x.group(s, at, func() error {
		return x.fork(len(a.Branches), func(i int, y *run) error { return y.list(a.Branches[i].Steps) })
	})
}

// begin tells that a step begins which holds others.
func (x *run) begin(s *program.Step, at int, message string) {
	x.emit(Event{Kind: EventStepStarted, Step: x.key(s), Name: s.Name, Message: message})
	x.result.Steps[at].Started = x.h.Now()
}

// group carries out what a step holds within the step's time, and concludes the step: it has failed where one of those within has, and
// the failure is theirs.
func (x *run) group(s *program.Step, at int, within func() error) error {
	restore := x.within(s)
	err := within()
	restore()
	return x.concluded(s, at, err, nil)
}

// within limits what follows to the step's time. The function that it returns ends that.
func (x *run) within(s *program.Step) (restore func()) {
	outer, limit, paused := x.deadline, x.limit, x.paused
	if x.deadline = earlier(outer, after(x.h.Now(), s.Timeout)); !x.deadline.Equal(outer) {
		x.limit = notWithin(fmt.Sprintf("step %q", x.key(s)), s.Timeout)
	}
	return func() { x.deadline, x.limit = later(outer, x.paused-paused), limit }
}

func notWithin(what string, d time.Duration) string {
	return what + " was not done within " + schema.FormatDuration(d)
}

// concluded is the end of a step that holds others. own are the outputs of a success beside those that every step has.
func (x *run) concluded(s *program.Step, at int, err error, own map[string]any) error {
	f, failed := asFailure(err)
	switch {
	case failed:
		x.broken(s, at, &f.Failure)
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

// lastEnd is when the last step that ended did.
func (x *run) lastEnd() (last time.Time) {
	for _, s := range x.result.Steps {
		if s.Ended.After(last) {
			last = s.Ended
		}
	}
	return last
}
