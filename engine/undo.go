package engine

import (
	"errors"
	"maps"
	"time"

	"errand/engine/program"
)

// An undo is what is to be done should the run fail after a step has succeeded.
type undo struct {
	step *program.Step
	on   *run // as it was when the step succeeded
	done time.Time
}

func (x *run) remember(s *program.Step, done time.Time) {
	on := x.branch(x.h)
	on.env = maps.Clone(on.env)
	x.undos = append(x.undos, undo{s, on, done})
}

// undo takes back what has succeeded, the last first. That one cannot be undone keeps none of the others, and is told beside the run's
// failure.
func (x *run) undo() error {
	for len(x.undos) > 0 {
		last := x.undos[len(x.undos)-1]
		x.undos = x.undos[:len(x.undos)-1]
		y := last.on
		y.h, y.deadline, y.result.Steps = x.h, time.Time{}, []StepResult{}
		y.env["failure"] = x.env["failure"]
		x.emit(Event{Kind: EventHandlerBegins, Step: y.key(last.step), Name: last.step.Name, Message: "undo"})
		err := y.list(last.step.Undo)
		y.steps, y.undos = nil, nil // what took something back is not taken back itself
		x.join([]*run{y})
		if f, failed := asFailure(err); failed {
			x.result.Undone = append(x.result.Undone, f.Failure)
		} else if err != nil && !errors.Is(err, ErrCancelled) {
			return err
		}
	}
	return nil
}
