package temporal

import "go.temporal.io/sdk/workflow"

// An operator who resets a workflow makes Temporal forget what it did after a point. The calls made
// after that point may have taken effect, and nothing on record says so. So the first call of each
// step after a reset is answered as interrupted: the engine then looks for its effect, sends it again
// with the same key, or asks a person.
//
// The workflow itself must not ask whether it was reset: a replay of its history has to do the same
// before and after. So it names the execution that it knows, and the activity compares that with the
// execution that it is called by.

// wasReset is why the outcome of a call is unknown after a reset.
const wasReset = "an operator reset the run in Temporal, so that what it did before is not on record"

// executionOf returns the execution of the workflow that the last call of a step belonged to: the
// first one, or the one that a reset made.
func (h *host) executionOf(step string) string {
	if execution, known := h.resets[step]; known {
		return execution
	}
	return workflow.GetInfo(h.ctx).OriginalRunID
}
