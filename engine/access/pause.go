package access

import (
	"context"
	"time"
)

// PausedIntake is what pauses everything that intake starts.
const PausedIntake = "intake"

// A Pause keeps a workflow, or the intake, from starting runs.
type Pause struct {
	Name string    `json:"name"` // of the workflow, or PausedIntake
	By   string    `json:"by"`
	At   time.Time `json:"at"`
}

// Pauses keeps what is paused.
type Pauses interface {
	// Pause pauses a workflow or the intake. What is paused already stays so.
	Pause(ctx context.Context, p Pause) error
	// Unpause ends a pause. It reports whether there was one.
	Unpause(ctx context.Context, name string) (bool, error)
	// Paused returns what is paused, by name.
	Paused(ctx context.Context) ([]Pause, error)
}
