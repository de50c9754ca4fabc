package engine

import (
	"time"

	"errand/engine/task"
)

// A Wait is one thing that a run waits for. A run with branches may wait for several.
type Wait struct {
	For    WaitFor   `json:"for"`
	Step   string    `json:"step,omitempty"`   // the step's key; "" if the whole run waits
	Since  time.Time `json:"since,omitzero"`   // when the wait began
	Due    time.Time `json:"due,omitzero"`     // when it ends by itself; zero means never
	Reason string    `json:"reason,omitempty"` // for people

	Run     string      `json:"run,omitempty"`     // of WaitTurn: the run that has the turn
	Trouble TroubleCode `json:"trouble,omitempty"` // of WaitTrouble: what is wrong; "" in old records: TroubleDamaged
}

// A WaitFor says what a run waits for.
type WaitFor string

// What a run can wait for.
const (
	WaitTime     WaitFor = "time"     // a point in time, such as the end of a delay
	WaitRetry    WaitFor = "retry"    // the next attempt after a transient failure
	WaitPoll     WaitFor = "poll"     // the next look at another system
	WaitEvidence WaitFor = "evidence" // the time that a system needs to show evidence
	WaitPerson   WaitFor = "person"   // a person's decision
	WaitTurn     WaitFor = "turn"     // other runs with the same concurrency key
	WaitProcess  WaitFor = "process"  // a process that carries the run on
	WaitAdoption WaitFor = "adoption" // a person who adopts the run in a copied home
	WaitTrouble  WaitFor = "trouble"  // a person who mends this machine or the run's record
)

// WaitsForPerson reports whether waits are for a person only, so that the run does not go on by
// itself before somebody acts. A decision whose time ends by itself is one.
func WaitsForPerson(waits []Wait) bool {
	for _, w := range waits {
		if w.For != WaitPerson {
			return false
		}
	}
	return len(waits) > 0
}

// waitsFor is what a task waits for that is not done yet: one that only computes waits for a point
// in time, and every other one looks again.
func waitsFor(t task.Type) WaitFor {
	if t.Effect == task.Pure {
		return WaitTime
	}
	return WaitPoll
}
