package journal

import (
	"slices"
	"time"

	"errand/engine"
)

// Of the open runs with one concurrency key, one has the turn: the first that was created or
// retried. It keeps the turn until the commit that ends it, whether or not a process works on it.
// The journal refuses that another run of the key is held (ErrTurn), unless it is to be cancelled.
//
// A change that leaves such a run without a holder is made with another state: the run waits for
// its turn, and is not due. The commit that ends the run before it makes it due.

// waitForTurn returns the state of a run that cannot go on before its turn. A state that is not due
// has other waits, and keeps them.
func waitForTurn(s State, at time.Time) State {
	var others []engine.Wait
	if s.Wake.IsZero() {
		others = s.Waits
	}
	s.Status, s.Wake = engine.Waiting, time.Time{}
	s.Waits = append([]engine.Wait{{For: engine.WaitTurn, Since: at}}, others...)
	return s
}

// WaitsForTurn reports whether a run waits for its turn, perhaps for something else too.
func (r *Run) WaitsForTurn() bool { return waitsForTurn(r.Waits) }

func waitsForTurn(waits []engine.Wait) bool {
	return len(waits) > 0 && waits[0].For == engine.WaitTurn
}

// getTurn returns the state of a run that waited for its turn and has it now. A run that also waits
// for something else, such as for a person who resumes it, is not due.
func getTurn(s State, at time.Time) State {
	if s.Waits = slices.Clone(s.Waits[1:]); len(s.Waits) == 0 {
		now := taken(at)
		s.Status, s.Wake, s.Waits = now.Status, now.Wake, now.Waits
	}
	return s
}

// concernsTurn reports whether a change may give its run a place in the queue of a key, or end it.
func (c *Change) concernsTurn() bool { return c.Create != nil || c.Holder == "" || c.ends() }

// needsTurn reports whether a change is refused if another run of the key has the turn.
func (c *Change) needsTurn() bool { return c.Holder != "" || c.ends() }

func (c *Change) ends() bool { return !c.State.Ended.IsZero() }

// turnAt returns when a change gives the turn to another run, or makes its run wait for it.
func (c *Change) turnAt() time.Time {
	switch {
	case !c.At.IsZero():
		return storable(c.At)
	case c.ends():
		return storable(c.State.Ended)
	case c.Create != nil:
		return storable(c.Create.Started)
	}
	return atOnce
}
