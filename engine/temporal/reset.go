package temporal

import (
	"maps"
	"slices"

	"go.temporal.io/sdk/workflow"
)

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

// A Reset is what the workflows that continue a run have to know after an operator has reset it: any
// step may have had calls that are not on record, except for those that were called since.
type Reset struct {
	Called []string `json:"called,omitempty"` // the steps that were called since, sorted
}

// forgotten stands for the execution of a call that a reset may have taken off the record. No execution
// has this id.
const forgotten = "before a reset"

// executionOf returns the execution of the workflow that the last call of a step belonged to: the
// first one, the one that a reset made, or one that a reset ended before the run continued as new.
func (h *host) executionOf(step string) string {
	if execution, known := h.resets[step]; known {
		return execution
	}
	if h.reset != nil && !slices.Contains(h.reset.Called, step) {
		return forgotten
	}
	return workflow.GetInfo(h.ctx).OriginalRunID
}

// resetSoFar returns the Reset for a record that leaves the workflow. Its use of the present execution
// is no harm to replays: what leaves the workflow is not in the history that a reset keeps.
func (l *ledger) resetSoFar() *Reset {
	now := l.info.WorkflowExecution.RunID
	called := map[string]bool{}
	if first := l.info.OriginalRunID; first == now || first == "" { // the SDK's test environment has none
		if l.reset == nil {
			return nil
		}
		for _, step := range l.reset.Called {
			called[step] = true
		}
	}
	for step, execution := range l.resets {
		if execution == now {
			called[step] = true
		}
	}
	return &Reset{Called: slices.Sorted(maps.Keys(called))}
}
