package journal

import (
	"context"
	"time"

	"errand/engine"
)

// A Message is what a person decided about a question of a run: a step that asks, in a round. It
// waits in the run's inbox until the process that works on the run takes it up. The first message
// on a question is final. A message without a step says who cancels the run, in its round.
type Message struct {
	Step    string         `json:"step"`
	Round   int            `json:"round"` // engine/local counts them; each retry and each decision begins another one
	At      time.Time      `json:"at"`
	Verdict engine.Verdict `json:"verdict"`
	By      engine.Person  `json:"by"`
	Comment string         `json:"comment,omitempty"`
}

// Decision is the message as a runner's decision.
func (m Message) Decision() engine.Decision {
	return engine.Decision{Verdict: m.Verdict, By: m.By, Comment: m.Comment}
}

// An Inbox keeps messages to runs.
type Inbox interface {
	// Put adds a message, durably, and makes the run due at once if nobody holds it. Its errors are
	// ErrNotFound, ErrMoved if the run has ended, an *AnsweredError if the question has a message, or
	// a *StoreError.
	Put(ctx context.Context, run string, m Message) error
	// Messages returns all messages to a run, the first one first. Its errors are ErrNotFound or a
	// *StoreError.
	Messages(ctx context.Context, run string) ([]Message, error)
}

// An AnsweredError says that a question has a message already.
type AnsweredError struct{ Message Message }

func (e *AnsweredError) Error() string {
	return "step " + e.Message.Step + " is decided already: " + string(e.Message.Verdict)
}

// taken is the state of a run that was parked until it got a message.
func taken(at time.Time) State {
	return State{Status: engine.Waiting, Wake: at, Waits: []engine.Wait{{For: engine.WaitProcess, Since: at}}}
}
