package virtual

import (
	"context"
	"errors"

	"errand/engine"
)

// Why a Runner's host gives up before the run's end.
var (
	errParked  = errors.New("all branches of the run wait")
	errStopped = errors.New("a person stopped the run")
	errLeft    = errors.New("the process ends its work")
)

// parks reports whether all branches give up as soon as all of them wait. It is false for a nil
// schedule.
func (s *schedule) parks() bool { return s != nil && s.work != nil }

// isOver reports whether the branches give up.
func (s *schedule) isOver() bool { return s != nil && s.over != nil }

// isLeft reports whether the process ends its work.
func (s *schedule) isLeft() bool { return s.parks() && s.work.Err() != nil }

// isStopped reports whether a person stopped the process.
func (s *schedule) isStopped() bool {
	return s.isLeft() && errors.Is(context.Cause(s.work), engine.ErrStop)
}

// giveUp makes all branches give up.
func (s *schedule) giveUp(why error) error {
	s.over = why
	return why
}
