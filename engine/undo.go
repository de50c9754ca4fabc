package engine

import (
	"errors"
	"maps"
	"time"

	"errand/engine/program"
)

// An undo holds the undo steps of a step that has succeeded, in case the run fails later.
type undo struct {
	step *program.Step
	on   *run // as it was when the step succeeded
	done time.Time
}

func (x *run) remember(s *program.Step, done time.Time) {
	if len(s.Undo) == 0 {
		return
	}
	on := x.branch(x.h)
	on.env = maps.Clone(on.env)
	x.undos = append(x.undos, undo{s, on, done})
}

// undo undoes the steps that have succeeded, the last first. If one undo fails, the others are done all
// the same, and its failure is kept beside the run's.
func (x *run) undo() error {
	for len(x.undos) > 0 {
		last := x.undos[len(x.undos)-1]
		x.undos = x.undos[:len(x.undos)-1]
		y := last.on
		y.h, y.deadline, y.result.Steps = x.h, time.Time{}, []StepResult{}
		y.env["failure"] = x.env["failure"]
		x.emit(Event{Kind: EventHandlerBegins, Step: y.key(last.step), Name: last.step.Name, Handler: HandlerUndo})
		err := y.list(last.step.Undo)
		y.steps, y.undos = nil, nil // the undo steps are not undone themselves
		x.join([]*run{y})
		if f, failed := asFailure(err); failed {
			x.result.Undone = append(x.result.Undone, f.Failure)
		} else if err != nil && !errors.Is(err, ErrCancelled) {
			return err
		}
	}
	return nil
}
