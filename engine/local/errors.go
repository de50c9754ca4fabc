package local

import (
	"context"
	"errors"

	"errand/engine"
	"errand/engine/journal"
)

// outward turns an error of the journal into one of the runner's contract. run is the run that it is
// about; it may be empty.
func outward(run string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*engine.Refusal](err); ok {
		return err
	}
	if _, ok := errors.AsType[*engine.Trouble](err); ok {
		return err
	}
	for _, over := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, over) {
			return over
		}
	}
	if errors.Is(err, journal.ErrNotFound) {
		return &engine.Refusal{Code: engine.RefusedNotFound, Run: run, Err: err}
	}
	if errors.Is(err, journal.ErrMoved) || errors.Is(err, journal.ErrTurn) {
		return &engine.Refusal{Code: engine.RefusedMoved, Run: run, Err: err}
	}
	if pruned, ok := errors.AsType[*journal.PrunedError](err); ok {
		return prunedRefusal(pruned)
	}
	if damage, ok := errors.AsType[*journal.DamageError](err); ok {
		return &engine.Trouble{Code: engine.TroubleDamaged, Run: damage.Run, Err: err}
	}
	if errors.Is(err, journal.ErrGone) {
		gone := journal.ErrGone
		if file, ok := errors.AsType[*journal.GoneError](err); ok {
			gone = file
		}
		return &engine.Trouble{Code: engine.TroubleGone, Err: gone}
	}
	if store, ok := errors.AsType[*journal.StoreError](err); ok {
		if store.Locked {
			return &engine.Trouble{Code: engine.TroubleLocked, Err: err}
		}
		return &engine.Trouble{Code: engine.TroubleStore, Err: err}
	}
	return err
}

// refusalCode is the code of a refusal, or "" if an error is none.
func refusalCode(err error) engine.RefusalCode {
	if r, ok := errors.AsType[*engine.Refusal](err); ok {
		return r.Code
	}
	return ""
}
